"""Names of 0.1 that work through 0.2 with a DeprecationWarning."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import edgebin
from edgebin.runtime import zoo
from edgebin.runtime.verify import Check


@pytest.fixture
def shipped() -> Path:
    return zoo.shipped()["cifar10-resnet20"]


def test_the_old_environment_variable(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEBIN_PRODUCT", "bit_serial")
    expected = "EDGEBIN_PRODUCT is deprecated, use EDGEBIN_CONV_ALGO"
    with pytest.warns(DeprecationWarning, match=expected) as caught:
        edgebin.load(shipped)
    assert caught[0].filename == __file__
    monkeypatch.setenv("EDGEBIN_CONV_ALGO", "bit_serial")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        edgebin.load(shipped)


@pytest.mark.parametrize(("old", "new"), [("byte", "u8s8"), ("real", "f32")])
def test_old_names_of_kernels(shipped: Path, old: str, new: str) -> None:
    expected = f'kernels: "{old}" is deprecated, use "{new}"'
    with (
        pytest.warns(DeprecationWarning, match=expected) as caught,
        pytest.raises(edgebin.errors.OptionError, match=f'no convolution .* layer "{new} layer"'),
    ):
        edgebin.load(shipped, kernels={f"{new} layer": old})
    assert caught[0].filename == __file__


def test_an_old_name_prescribes_the_new_kernel(shipped: Path) -> None:
    first = next(layer.name for layer in edgebin.load(shipped).layers if layer.op == "conv")
    edgebin.load(shipped, kernels={first: "u8s8"})
    with pytest.warns(DeprecationWarning, match="byte"):
        edgebin.load(shipped, kernels={first: "byte"})


def test_the_old_name_of_a_check_s_algorithm() -> None:
    check = Check("scalar", "bit_serial", 1, None)
    with pytest.warns(DeprecationWarning, match="Check.product is deprecated, use conv_algorithm"):
        assert check.product == "bit_serial"
