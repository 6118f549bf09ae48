"""The public functions of `edgebin.refine`: what they take and print, and their old names."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

import edgebin.refine
from edgebin.errors import DataError, OptionError
from edgebin.nn.networks import build
from edgebin.refine import RefineImages, RefineOptions, refine, refit_head
from edgebin.train.checkpoint import load_network
from edgebin.train.data.source import DataSet, normalised
from edgebin.train.loop import fit
from edgebin.train.recipe.recipe import Recipe

OPTIONS = RefineOptions(images=15, holdout=9, batch_size=7, positions=20, keep="all")


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return build("resnet20", num_classes=3, input_size=8, width=0.15).eval()


@pytest.mark.slow
def test_a_data_set_and_a_device_by_name_give_the_same_bits(
    network: nn.Module, data: DataSet
) -> None:
    other = copy.deepcopy(network)
    images = RefineImages(data, OPTIONS)
    refine(network, images, OPTIONS, on_layer=lambda *_: None)
    refine(other, data, OPTIONS, device="cpu", on_layer=lambda *_: None)
    for value, expected in zip(
        other.state_dict().values(), network.state_dict().values(), strict=True
    ):
        assert torch.equal(value, expected)


@pytest.mark.slow
def test_a_teacher_may_be_the_path_of_its_checkpoint(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    path = fit(recipe, data, tmp_path / "run", device=torch.device("cpu")).checkpoint
    weights = []
    for teacher in (str(path), load_network(path)[0]):
        student = load_network(path)[0]
        refine(student, data, OPTIONS, teacher=teacher, on_layer=lambda *_: None)
        weights.append(torch.cat([value.flatten() for value in student.state_dict().values()]))
    assert torch.equal(*weights)


class Pairs(Dataset[tuple[torch.Tensor, int]]):
    """The training images of a data set, normalised, one by one."""

    def __init__(self, data: DataSet) -> None:
        images, self.labels = next(iter(data.train.evaluation(100)))
        self.images = normalised(images, data.preprocessing)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.images[index], int(self.labels[index])


@pytest.mark.parametrize(
    "wrap",
    [lambda pairs: pairs, pytest.param(lambda pairs: DataLoader(pairs, 4), marks=pytest.mark.slow)],
)
def test_a_torch_dataset_gives_the_bits_of_the_same_images(
    network: nn.Module, data: DataSet, wrap: Any
) -> None:
    other = copy.deepcopy(network)
    alone = dataclasses.replace(data, holdout=None)
    refine(network, alone, OPTIONS, on_layer=lambda *_: None)
    refit_head(network, RefineImages(alone, OPTIONS), on_result=lambda _: None)
    refine(other, wrap(Pairs(data)), OPTIONS, on_layer=lambda *_: None)
    refit_head(other, RefineImages(wrap(Pairs(data)), OPTIONS), on_result=lambda _: None)
    for value, expected in zip(
        other.state_dict().values(), network.state_dict().values(), strict=True
    ):
        assert torch.equal(value, expected)


def test_what_is_no_dataset_of_such_pairs_is_named(network: nn.Module, data: DataSet) -> None:
    pixels = [(torch.zeros(3, 8, 8, dtype=torch.uint8), 0)] * 40
    for wrong, message in (
        (iter([]), "data: expected a data set, a torch Dataset with items and a length"),
        (pixels, "data: expected float32 images, normalised as for the network.*found uint8"),
        ([(torch.zeros(8, 8), 0)] * 40, r"image: expected a square RGB tensor \(3, S, S\)"),
        ([(torch.zeros(3, 8, 8), 7)] * 40, "label: expected 0..2, one a class, found 7"),
        ([(torch.zeros(3, 8, 8), 0)] * 9, "training images: expected at least 24.*found 9"),
    ):
        with pytest.raises(DataError, match=message):
            refine(network, wrong, OPTIONS)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="device: expected cpu or cuda, found 'tpu'"):
        refine(network, data, OPTIONS, device="tpu")


def test_progress_is_printed_unless_it_is_called_back(
    network: nn.Module, data: DataSet, capsys: pytest.CaptureFixture[str]
) -> None:
    results = refine(network, data, OPTIONS)
    refit_head(network, RefineImages(data, OPTIONS))
    out, err = capsys.readouterr()
    first, *layers, head = err.splitlines()
    assert out == ""
    assert first == "refining with 15 images to measure on, 9 to judge by"
    for number, (line, result) in enumerate(zip(layers, results, strict=True), 1):
        assert line.startswith(f"layer {number}/{len(results)}, {result.layer}: ")
        assert line.endswith(" left") is (number < len(results))
    assert head.startswith("head: refitted, loss ")
    refine(network, data, OPTIONS, on_layer=lambda *_: None)
    refit_head(network, RefineImages(data, OPTIONS), on_result=lambda _: None)
    assert capsys.readouterr().err == ""


def test_old_names_work_and_warn(network: nn.Module, data: DataSet) -> None:
    with pytest.warns(DeprecationWarning, match="argument pictures is deprecated, use images"):
        options = RefineOptions(pictures=15, holdout=9)  # type: ignore[call-arg]
    with pytest.warns(DeprecationWarning, match=r"RefineOptions.pictures is deprecated"):
        assert options.pictures == options.images == 15
    with pytest.warns(DeprecationWarning, match=r"Pictures is deprecated, use RefineImages"):
        assert edgebin.refine.Pictures is RefineImages
    images = RefineImages(data, OPTIONS)
    with pytest.warns(DeprecationWarning, match="argument pictures is deprecated, use data"):
        assert refine(network, pictures=images, options=OPTIONS, on_layer=lambda *_: None)  # type: ignore[call-arg]
    with pytest.warns(DeprecationWarning, match="argument pictures is deprecated, use data"):
        assert refit_head(network, pictures=images, on_result=lambda _: None)  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="no attribute 'Photographs'"):
        edgebin.refine.Photographs  # noqa: B018


def test_the_old_module_has_the_old_class() -> None:
    sys.modules.pop("edgebin.train.refine", None)
    with pytest.warns(DeprecationWarning, match=r"edgebin.train.refine is deprecated"):
        old = importlib.import_module("edgebin.train.refine")
    with pytest.warns(DeprecationWarning, match="Pictures"):
        assert old.Pictures is RefineImages
    assert old.refine is refine


def test_the_package_offers_its_public_names() -> None:
    assert set(edgebin.refine.__all__) >= {"refine", "refit_head", "RefineImages", "RefineOptions"}
    for name in edgebin.refine.__all__:
        assert getattr(edgebin.refine, name).__doc__


def test_options_may_be_integers_of_numpy() -> None:
    counts: Any = np.array([15, 9])
    options = RefineOptions(images=counts[0], holdout=counts[1])
    assert options == RefineOptions(images=15, holdout=9)
    assert type(options.images) is int
    for wrong in (np.float32(15), np.True_, np.int64(1)):
        with pytest.raises(OptionError, match=r"^refine images: expected at least 2, found "):
            RefineOptions(images=wrong)  # type: ignore[arg-type]
