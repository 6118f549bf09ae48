"""Checkpoints: whole or not at all, and a clear error for each kind of damage."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from edgebin.errors import CheckpointError
from edgebin.train.checkpoint import (
    Checkpoint,
    load_checkpoint,
    load_network,
    save_checkpoint,
)
from edgebin.train.data.source import DataSet
from edgebin.train.recipe import Recipe
from edgebin.train.state import as_checkpoint, fresh_state

CPU = torch.device("cpu")


@pytest.fixture
def saved(tmp_path: Path, recipe: Recipe, data: DataSet) -> tuple[Path, Checkpoint]:
    checkpoint = as_checkpoint(fresh_state(recipe, data, device=CPU), recipe, data)
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, checkpoint)
    return path, checkpoint


def test_what_is_saved_comes_back(saved: tuple[Path, Checkpoint]) -> None:
    path, before = saved
    after = load_checkpoint(path)
    for field in dataclasses.fields(Checkpoint):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.name == "model":
            assert old.keys() == new.keys()
            assert all(torch.equal(old[key], new[key]) for key in old)
        elif isinstance(old, torch.Tensor):
            assert torch.equal(old, new)
        else:
            assert old == new, field.name


def test_a_network_comes_back_in_eval_mode_with_its_labels(
    saved: tuple[Path, Checkpoint], recipe: Recipe, data: DataSet
) -> None:
    network, checkpoint = load_network(saved[0])
    assert not network.training
    assert checkpoint.classes == ("red", "green", "blue")
    assert checkpoint.preprocessing == data.preprocessing
    assert checkpoint.options["num_classes"] == 3
    x = torch.randn(2, 3, 8, 8)
    original = fresh_state(recipe, data, device=CPU).network.eval()
    # Layouts sum in different orders, and without training many sums lie at the threshold 0.
    original.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    assert torch.equal(network(x), original(x))


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    saved: tuple[Path, Checkpoint], monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path, checkpoint = saved
    before = path.read_bytes()

    def fail(*arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt: cannot write .*: disk full"):
        save_checkpoint(path, dataclasses.replace(checkpoint, epoch=9))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_file_is_damaged(saved: tuple[Path, Checkpoint], share: float) -> None:
    path = saved[0]
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt: damaged"):
        load_checkpoint(path)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_flipped_bit_in_the_weights_is_damage(
    saved: tuple[Path, Checkpoint], share: float
) -> None:
    path, checkpoint = saved
    raw = bytearray(path.read_bytes())
    largest = max(checkpoint.model.values(), key=lambda value: value.numel())
    weights = largest.permute(0, 2, 3, 1).contiguous().numpy().tobytes()
    place = bytes(raw).index(weights)
    raw[place + int(share * len(weights))] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(CheckpointError, match=r"damaged: the checksum of"):
        load_checkpoint(path)


def test_a_missing_file_and_other_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="expected a checkpoint, found no such file"):
        load_checkpoint(tmp_path / "none.pt")
    other = tmp_path / "other.pt"
    torch.save({"model": {}}, other)
    with pytest.raises(CheckpointError, match="expected an edgebin checkpoint"):
        load_checkpoint(other)


class Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("exit 1",)


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pt"
    torch.save({"format": "edgebin-checkpoint", "payload": Hostile()}, path)
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 99}, "expected checkpoint version 1, found 99"),
        ({"epoch": None}, "expected an entry 'epoch', found none"),
        ({"preprocessing": {"mean": []}}, "damaged entry"),
        ({"network": "lenet"}, "expected one of vgg_small"),
        ({"options": {"width": 0.3}}, "the weights do not fit resnet20"),
        ({"options": 7}, "damaged entry"),
        ({"model": {}}, "the weights do not fit resnet20"),
        ({"model": 7}, "damaged entry"),
    ],
)
def test_entries_that_do_not_fit_are_named(
    saved: tuple[Path, Checkpoint], change: dict[str, Any], message: str
) -> None:
    path = saved[0]
    content = torch.load(path, weights_only=True)
    content.update(change)
    for key in [key for key, value in content.items() if value is None]:
        del content[key]
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=message):
        load_network(path)
