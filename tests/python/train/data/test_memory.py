"""Folders in memory: crops on the device are Pillow's, batches depend on the generator alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from edgebin.errors import DataError
from edgebin.train.data import decode, open_data
from edgebin.train.data.folder import open_folder
from edgebin.train.data.memory import ImagesInMemory
from edgebin.train.data.resample import resampled
from edgebin.train.data.source import DataSet
from edgebin.train.recipe.file import load_recipe
from edgebin.train.recipe.recipe import FolderRecipe, parse_recipe, recipe_data
from training.tiny_training import folder_recipe

CPU = torch.device("cpu")
HALF = (0.5, 0.5, 0.5)
RECIPE = FolderRecipe(HALF, HALF, 8, 10, (0.3, 1.0), flip=True, holdout=0, memory=True)


def opened(folder: Path, *, workers: int = 2, **change: Any) -> DataSet:
    recipe = dataclasses.replace(RECIPE, **change)
    return open_folder(folder, recipe, seed=0, device=CPU, workers=workers)


def test_who_looks_at_each_image_once_keeps_none(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "memory.toml"
    more = "resize = 10\nmemory = true\nholdout = 4"
    path.write_text(folder_recipe().replace("resize = 10", more))
    recipe = load_recipe(path)
    kept = open_data(images, recipe, device=CPU)
    monkeypatch.setattr("edgebin.train.data.folder.decoded", None)  # would fail
    read = open_data(images, recipe, device=CPU, in_memory=False)
    for ours, theirs in ((read.train, kept.train), (read.holdout, kept.holdout)):
        assert ours is not None
        assert theirs is not None
        pairs = zip(ours.evaluation(5), theirs.evaluation(5), strict=True)
        assert all(torch.equal(a, b) for one, two in pairs for a, b in zip(one, two, strict=True))


def batches(data: DataSet, seed: int = 5, **more: Any) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return list(data.train.training(4, torch.Generator().manual_seed(seed), **more))


def noise(count: int, side: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (count, 3, side, side), generator=generator).to(torch.uint8)


@pytest.mark.parametrize("size", [5, 16, 40])
def test_a_crop_is_pillows_up_to_one(size: int) -> None:
    images = noise(4, 24)
    boxes = torch.tensor([[0, 0, 24, 24], [3, 5, 20, 15], [7, 0, 24, 23], [10, 11, 12, 13]])
    mirrored = torch.tensor([False, True, False, True])
    found = resampled(images, boxes, mirrored, size)
    assert found.shape == (4, 3, size, size)
    assert found.dtype == torch.uint8
    for image, box, flip, ours in zip(images, boxes, mirrored, found, strict=True):
        expected = Image.fromarray(image.permute(1, 2, 0).numpy())
        expected = expected.resize((size, size), Image.Resampling.BILINEAR, box=tuple(box.tolist()))
        if flip:
            expected = expected.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        difference = ours.permute(1, 2, 0).numpy().astype(int) - np.asarray(expected, dtype=int)
        assert abs(difference).max() <= 1


def test_a_box_of_the_same_size_is_a_copy() -> None:
    images = noise(2, 9)
    boxes = torch.tensor([[1, 2, 8, 9], [0, 0, 7, 7]])
    plain, mirrored = torch.tensor([False, False]), torch.tensor([True, True])
    expected = torch.stack([images[0, :, 2:9, 1:8], images[1, :, :7, :7]])
    assert torch.equal(resampled(images, boxes, plain, 7), expected)
    assert torch.equal(resampled(images, boxes, mirrored, 7), expected.flip(3))


def test_batches_depend_on_the_generator_alone(images: Path) -> None:
    one, two = batches(opened(images, workers=1)), batches(opened(images, workers=3))
    other = batches(opened(images), seed=6)
    assert [part.shape for part, _ in one] == [(4, 3, 8, 8)] * 3
    assert all(part.dtype == torch.uint8 for part, _ in one)
    for (a, x), (b, y) in zip(one, two, strict=True):
        assert torch.equal(a, b)
        assert torch.equal(x, y)
    assert not all(torch.equal(a, b) for (a, _), (b, _) in zip(one, other, strict=True))


def test_every_image_comes_with_its_label(images: Path) -> None:
    """Without augmentation, an epoch gives the evaluation's images in another order."""
    data = opened(images, input_size=10, scale=(1.0, 1.0), flip=False)
    expected = next(iter(data.train.evaluation(12)))
    wanted = {(part.numpy().tobytes(), int(label)) for part, label in zip(*expected, strict=True)}
    found = {
        (part.numpy().tobytes(), int(label))
        for batch in batches(data)
        for part, label in zip(*batch, strict=True)
    }
    assert len(wanted) == 12
    assert found == wanted


def test_shares_are_parts_of_the_whole_batch(images: Path) -> None:
    for data in (opened(images), opened(images, memory=False)):
        whole = batches(data)
        parts = [batches(data, share=share) for share in (slice(0, 2), slice(2, 4))]
        for (part, labels), (a, x), (b, y) in zip(whole, *parts, strict=True):
            assert torch.equal(part, torch.cat([a, b]))
            assert torch.equal(labels, torch.cat([x, y]))


def test_each_training_image_is_decoded_once(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []
    plain = decode._opened

    def counted(path: Path) -> Image.Image:
        seen.append(path)
        return plain(path)

    monkeypatch.setattr(decode, "_opened", counted)
    data = opened(images, holdout=3)
    assert data.holdout is not None
    for seed in (1, 2):
        batches(data, seed)
        list(data.holdout.evaluation(2))
    assert len(seen) == len(set(seen)) == 12


def test_evaluation_is_of_the_pixels_that_a_board_sees(images: Path) -> None:
    ours, theirs = opened(images, holdout=5), opened(images, holdout=5, memory=False)
    assert isinstance(ours.train, ImagesInMemory)
    for one, two in ((ours.holdout, theirs.holdout), (ours.train, theirs.train)):
        assert one is not None
        assert two is not None
        assert len(one) == len(two)
        for (a, x), (b, y) in zip(one.evaluation(4), two.evaluation(4), strict=True):
            assert torch.equal(a, b)
            assert torch.equal(x, y)


def test_a_damaged_image_and_too_little_memory_are_one_line(
    images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("not enough memory\nlong story")

    with monkeypatch.context() as patch:
        patch.setattr(torch, "empty", refuse)
        message = r"\[data\] memory: expected 1 MB on cpu for 12 images, found: not enough memory$"
        with pytest.raises(DataError, match=message):
            opened(images)
    (images / "train" / "a_cat" / "1.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"1\.png: expected a readable image"):
        opened(images)


def test_the_key_is_kept_only_where_it_is_true(table: dict[str, dict[str, Any]]) -> None:
    """Runs of recipes that are older than the key still resume."""
    table["data"] = {"kind": "folder", "mean": [0.5] * 3, "std": [0.5] * 3}
    table["data"] |= {"input_size": 8, "resize": 8}
    assert "memory" not in recipe_data(parse_recipe(table, source="x"))["data"]
    table["data"]["memory"] = True
    recipe = parse_recipe(table, source="x")
    assert recipe_data(recipe)["data"]["memory"] is True
    assert parse_recipe(recipe_data(recipe), source="x") == recipe
