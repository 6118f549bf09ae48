"""CIFAR-10: the binary files, the split, and the augmentation of a batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from edgebin.errors import DataError
from edgebin.train.data import cifar10
from edgebin.train.data.cifar10 import ImageTensor, open_cifar10, read_batch
from edgebin.train.recipe.recipe import Cifar10Recipe

RECORDS = 4
CPU = torch.device("cpu")


def recipe(holdout: int) -> Cifar10Recipe:
    half = (0.5, 0.5, 0.5)
    return Cifar10Recipe(mean=half, std=half, pad=4, flip=True, holdout=holdout)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cifar10, "RECORDS", RECORDS)
    folder = tmp_path / cifar10.FOLDER
    folder.mkdir()
    random = np.random.default_rng(0)
    for name in (*cifar10.TRAIN_FILES, cifar10.TEST_FILE):
        records = random.integers(0, 256, (RECORDS, cifar10.RECORD_BYTES), dtype=np.uint8)
        records[:, 0] %= 10
        (folder / name).write_bytes(records.tobytes())
    return folder


def test_a_record_is_a_label_and_three_planes(home: Path) -> None:
    path = home / cifar10.TEST_FILE
    raw = np.frombuffer(path.read_bytes(), np.uint8).reshape(RECORDS, -1)
    images, labels = read_batch(path)
    assert images.shape == (RECORDS, 3, 32, 32)
    assert labels.tolist() == raw[:, 0].tolist()
    assert images[1, 2, 3, 4].item() == raw[1, 1 + 2 * 1024 + 3 * 32 + 4]


def test_the_folder_and_its_parent_are_the_same(home: Path) -> None:
    inner = open_cifar10(home, recipe(0), seed=0, device=CPU)
    outer = open_cifar10(home.parent, recipe(0), seed=0, device=CPU)
    assert len(inner.train) == len(outer.train) == 5 * RECORDS
    assert inner.holdout is None
    assert inner.test is not None
    assert len(inner.test) == RECORDS
    assert inner.classes[3] == "cat"
    assert inner.preprocessing.input_size == 32


def test_the_holdout_is_a_part_of_train_by_seed(home: Path) -> None:
    def parts(seed: int) -> tuple[list[int], list[int]]:
        data = open_cifar10(home, recipe(6), seed=seed, device=CPU)
        assert isinstance(data.train, ImageTensor)
        assert isinstance(data.holdout, ImageTensor)
        sums = [part.images.sum((1, 2, 3)).tolist() for part in (data.train, data.holdout)]
        return sums[0], sums[1]

    train, held = parts(0)
    assert (len(train), len(held)) == (14, 6)
    assert not set(train) & set(held)
    assert parts(0) == (train, held)
    assert parts(1)[1] != held


@pytest.mark.parametrize("change", [-1, 1])
def test_another_size_is_refused(home: Path, change: int) -> None:
    path = home / "data_batch_3.bin"
    size = RECORDS * cifar10.RECORD_BYTES
    path.write_bytes(b"\0" * (size + change))
    with pytest.raises(
        DataError, match=rf"batch_3.bin: expected {size} bytes, found {size + change}"
    ):
        open_cifar10(home, recipe(0), seed=0, device=CPU)


def test_other_labels_missing_files_and_folders_are_named(home: Path) -> None:
    path = home / cifar10.TEST_FILE
    path.write_bytes(b"\x0a" + path.read_bytes()[1:])
    with pytest.raises(DataError, match=r"expected labels 0\.\.9, found 10"):
        open_cifar10(home, recipe(0), seed=0, device=CPU)
    path.unlink()
    with pytest.raises(DataError, match=r"test_batch\.bin: expected a CIFAR-10 file, found none"):
        open_cifar10(home, recipe(0), seed=0, device=CPU)
    with pytest.raises(DataError, match="expected the folder cifar-10-batches-bin"):
        open_cifar10(home / "none", recipe(0), seed=0, device=CPU)


def test_a_holdout_of_everything_is_refused(home: Path) -> None:
    with pytest.raises(DataError, match="expected fewer than the 20 images, found 20"):
        open_cifar10(home, recipe(20), seed=0, device=CPU)


def test_augmentation_is_a_crop_of_the_replicated_image_or_its_mirror() -> None:
    random = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (6, 3, 8, 8), generator=random).to(torch.uint8)
    source = ImageTensor(images, torch.arange(6), pad=2, flip=True)
    padded = torch.nn.functional.pad(images.float(), (2, 2, 2, 2), mode="replicate")
    for batch, labels in source.training(3, random):
        assert batch.dtype == torch.uint8
        for image, label in zip(batch.float(), labels.tolist(), strict=True):
            crops = padded[label].unfold(1, 8, 1).unfold(2, 8, 1).flatten(1, 2)
            plain = (crops == image[:, None]).all((0, 2, 3)).any()
            mirrored = (crops.flip(3) == image[:, None]).all((0, 2, 3)).any()
            assert plain or mirrored


def test_training_takes_each_image_at_most_once_and_only_whole_batches() -> None:
    source = ImageTensor(
        torch.zeros(10, 3, 4, 4, dtype=torch.uint8), torch.arange(10), pad=0, flip=False
    )
    batches = list(source.training(4, torch.Generator().manual_seed(0)))
    seen = [label for _, labels in batches for label in labels.tolist()]
    assert [len(labels) for _, labels in batches] == [4, 4]
    assert len(set(seen)) == 8


def test_evaluation_is_everything_in_order_and_unchanged() -> None:
    images = torch.randint(0, 256, (5, 3, 4, 4)).to(torch.uint8)
    batches = list(ImageTensor(images, torch.arange(5), pad=2, flip=True).evaluation(2))
    assert torch.equal(torch.cat([batch for batch, _ in batches]), images)
    assert torch.cat([labels for _, labels in batches]).tolist() == list(range(5))
