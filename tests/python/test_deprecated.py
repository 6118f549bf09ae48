"""Import paths of edgebin 0.1: each still gives the same objects, and says where they are now."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import numpy as np
import pytest

import edgebin
from edgebin.deprecated import MOVED

NEEDS_TORCH = {"edgebin.train.recipe_file", "edgebin.train.refine"}

# As the README of 0.1.0 has them.
README = """
from edgebin.train.data import open_data
from edgebin.train.loop import fit
from edgebin.train.recipe_file import load_recipe
from edgebin.train.refine import Pictures, RefineOptions, refine, refit_head
"""


@pytest.mark.parametrize("old", MOVED)
def test_an_old_path_gives_the_same_objects_with_a_warning(old: str) -> None:
    if old in NEEDS_TORCH:
        pytest.importorskip("torch", reason="needs PyTorch")
    sys.modules.pop(old, None)
    with pytest.warns(
        DeprecationWarning, match=f"^{old} is deprecated, use {MOVED[old]}$"
    ) as caught:
        found = importlib.import_module(old)
    new = importlib.import_module(MOVED[old])
    assert found.__doc__ == new.__doc__
    assert len(found.__all__) > 1
    assert all(getattr(found, name) is getattr(new, name) for name in found.__all__)
    assert len(caught) == 1


@pytest.mark.slow
def test_the_imports_of_the_readme_of_0_1_0_work_and_warn() -> None:
    pytest.importorskip("torch", reason="needs PyTorch")
    command = [sys.executable, "-c", README]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("DeprecationWarning") == 3
    assert "<string>:4: DeprecationWarning: edgebin.train.recipe_file" in done.stderr
    assert "<string>:5: DeprecationWarning: edgebin.train.refine is" in done.stderr
    assert "<string>:5: DeprecationWarning: edgebin.refine.Pictures is" in done.stderr


def test_unknown_modules_are_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("edgebin.train.nothing")


@pytest.mark.parametrize("method", ["run", "run_outputs", "profile"])
def test_a_model_takes_pictures_by_their_old_keyword(method: str) -> None:
    call = getattr(edgebin.load("cifar10-resnet20"), method)
    pixels = np.zeros((1, 32, 32, 3), np.uint8)
    with pytest.warns(
        DeprecationWarning, match=f"Model.{method}: argument pictures is deprecated, use images"
    ):
        found = call(pictures=pixels)
    if method != "profile":
        np.testing.assert_equal(found, call(pixels))
    renamed = pytest.warns(DeprecationWarning, match="pictures is deprecated, use images")
    with pytest.raises(TypeError, match="multiple values"), renamed:
        call(pixels, pictures=pixels)


def test_convert_takes_pictures_by_their_old_keyword() -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    network = torch.nn.Linear(2, 2).eval()
    with (
        pytest.warns(
            DeprecationWarning, match="convert: argument pictures is deprecated, use images"
        ),
        pytest.raises(edgebin.OptionError, match="images: "),
    ):
        edgebin.convert(network, pictures=None)  # type: ignore[call-arg]
    assert "images" in inspect.signature(edgebin.convert).parameters


def test_a_verification_has_its_old_attributes() -> None:
    difference = edgebin.Difference("conv", "conv", "x", "", "scalar", 1, 3, 0, 1)
    found = edgebin.Verification("model", 2, (edgebin.Check("scalar", "lookup", 1, difference),))
    with pytest.warns(DeprecationWarning, match="Verification.pictures is deprecated, use images"):
        assert found.pictures == 2
    with pytest.warns(DeprecationWarning, match="Difference.picture is deprecated, use image"):
        # The stub of the core leaves the old name out; `edgebin.runtime.verify` adds it.
        assert difference.picture == 3  # type: ignore[attr-defined]
