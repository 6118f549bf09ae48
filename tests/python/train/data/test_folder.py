"""Folders of images: classes, decoding, crops, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from edgebin.errors import DataError
from edgebin.graph.preprocessing import Preprocessing
from edgebin.runtime.preprocess import prepare
from edgebin.train.data.decode import crop_box, evaluation_image, training_image
from edgebin.train.data.folder import open_folder
from edgebin.train.data.source import DataSet
from edgebin.train.recipe.recipe import FolderRecipe


def opened(
    folder: Path, *, holdout: float = 0, workers: int = 2, labels: dict[str, str] | None = None
) -> DataSet:
    half = (0.5, 0.5, 0.5)
    recipe = FolderRecipe(
        mean=half,
        std=half,
        input_size=8,
        resize=10,
        scale=(0.3, 1.0),
        flip=True,
        holdout=holdout,
        labels=labels or {},
    )
    return open_folder(folder, recipe, seed=0, device=torch.device("cpu"), workers=workers)


def test_classes_are_the_sorted_folders(images: Path) -> None:
    data = opened(images, holdout=3)
    assert data.classes == ("a_cat", "b_dog")
    assert data.test is not None
    assert data.holdout is not None
    assert (len(data.train), len(data.holdout), len(data.test)) == (9, 3, 4)
    batches = list(data.test.evaluation(3))
    assert [batch.shape for batch, _ in batches] == [(3, 3, 8, 8), (1, 3, 8, 8)]
    assert torch.cat([labels for _, labels in batches]).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("other", "noted"),
    [("test", True), ("valid/a_cat", True), ("runs/first", False), (".cache", False)],
)
def test_a_part_that_is_not_read_is_noted(images: Path, other: str, noted: bool) -> None:
    assert opened(images).notes == ()
    (images / other).mkdir(parents=True)
    path = images / Path(other).parts[0]
    line = f"{path}: not read: the training images are in train/, the test set is in val/"
    assert opened(images).notes == ((line,) if noted else ())


def test_a_file_is_no_part(images: Path) -> None:
    (images / "test").write_text("no folder")
    assert opened(images).notes == ()


def test_labels_go_with_their_folders(images: Path) -> None:
    assert opened(images, labels={"b_dog": "a dog", "a_cat": "the cat"}).classes == (
        "the cat",
        "a dog",
    )
    with pytest.raises(DataError, match=r"train/b_dog: expected a label in \[data.labels\], found"):
        opened(images, labels={"a_cat": "the cat"})
    with pytest.raises(DataError, match=r"train/c_cow: expected the folder of a label, found none"):
        opened(images, labels={"a_cat": "a", "b_dog": "b", "c_cow": "c"})


def test_batches_depend_on_the_generator_and_not_on_the_workers(images: Path) -> None:
    def run(workers: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(5)
        batches = list(opened(images, workers=workers).train.training(4, generator))
        assert len(batches) == 3
        return torch.cat([batch for batch, _ in batches])

    assert torch.equal(run(1), run(3))


def test_val_may_be_missing_but_not_other(images: Path) -> None:
    (images / "val" / "a_cat").rename(images / "val" / "c_cow")
    with pytest.raises(
        DataError, match=r"val: expected the 2 class folders of train, found no 'a_cat', 'c_cow'$"
    ):
        opened(images)
    (images / "val").rename(images / "elsewhere")
    assert opened(images).test is None


def test_missing_and_empty_folders_are_named(images: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train: expected a folder of class folders"):
        opened(tmp_path)
    (images / "train" / "empty").mkdir()
    with pytest.raises(DataError, match="empty: expected images"):
        opened(images)
    (tmp_path / "bare" / "train").mkdir(parents=True)
    with pytest.raises(DataError, match="expected a folder for each class, found none"):
        opened(tmp_path / "bare")


def test_class_folders_alone_are_to_train_on(images: Path) -> None:
    inside = opened(images / "train", holdout=0.25)
    whole = opened(images, holdout=0.25)
    assert inside.classes == whole.classes
    assert len(inside.train) == len(whole.train)
    assert inside.holdout is not None
    assert inside.test is None
    assert inside.notes == ()
    labels = {"a_cat": "cat"}
    with pytest.raises(DataError, match=r"train/b_dog: expected a label in \[data.labels\], found"):
        opened(images / "train", labels=labels)
    (images / "val" / "c_cow").mkdir()
    with pytest.raises(DataError, match=r"c_cow: expected images"):  # not the folder itself
        opened(images)


def test_an_image_that_is_too_large_when_resized_is_named(tmp_path: Path) -> None:
    path = tmp_path / "long.png"
    Image.new("RGB", (3000, 1)).save(path)
    with pytest.raises(
        DataError, match=r"long\.png: expected at most \d+ pixels, found 768000x256"
    ):
        evaluation_image(path, resize=256, size=224)


@pytest.mark.parametrize("damage", ["text", "half", "empty"])
def test_an_unreadable_image_is_named(images: Path, damage: str) -> None:
    path = images / "val" / "b_dog" / "1.png"
    raw = path.read_bytes()
    contents = {"text": b"no image", "half": raw[: len(raw) // 2], "empty": b""}
    path.write_bytes(contents[damage])
    test = opened(images).test
    assert test is not None
    with pytest.raises(DataError) as caught:
        list(test.evaluation(4))
    line = str(caught.value)
    assert line.startswith(f"{path}: expected a readable image, found: ")
    assert line.count(str(path)) == 1
    assert "<" not in line, "no repr of Python's"


def test_hidden_files_and_folders_are_not_read(images: Path) -> None:
    """macOS, Windows and Jupyter leave them; each would be a class or a damaged image."""
    assert opened(images).notes == ()
    dog = images / "train" / "b_dog"
    for path in (dog / "._0.png", dog / ".DS_Store", images / "val" / "a_cat" / "Thumbs.db"):
        path.write_bytes(b"\0\5\x16\7")
    for folder in (images / "train" / ".ipynb_checkpoints", dog / "deep" / "__MACOSX"):
        folder.mkdir(parents=True)
        (folder / "0.png").write_bytes(b"no image")
    (images / "train" / ".DS_Store").touch()
    data = opened(images)
    assert data.classes == ("a_cat", "b_dog")
    assert len(data.train) == 12
    assert data.test is not None
    assert [len(batch) for batch, _ in data.test.evaluation(8)] == [4]
    assert [len(batch) for batch, _ in data.train.evaluation(20)] == [12]
    (note,) = data.notes
    assert note == (f"{images}: hidden files and folders, not read: 6, such as train/.DS_Store")


def test_images_are_of_the_formats_that_run_takes(images: Path) -> None:
    dog = images / "train" / "b_dog"
    source = next(path for path in sorted(dog.rglob("*")) if path.is_file())
    for suffix in (".GIF", ".tif", ".pgm"):
        with Image.open(source) as image:
            image.convert("L").save(dog / f"more{suffix}")
    data = opened(images)
    assert len(data.train) == 15
    assert sum(len(batch) for batch, _ in data.train.evaluation(20)) == 15
    assert data.notes == ()


def test_files_of_other_formats_are_noted(images: Path) -> None:
    (images / "train" / "b_dog" / "IMG_1.HEIC").touch()
    (images / "val" / "a_cat" / "notes.txt").touch()
    data = opened(images)
    assert len(data.train) == 12
    (note,) = data.notes
    assert note.startswith(f"{images}: files of other formats than .bmp .gif .jpeg")
    assert note.endswith(", not read: 2, such as train/b_dog/IMG_1.HEIC")


def test_a_folder_with_hidden_folders_alone_is_told_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(DataError, match="train: expected a folder of class folders, found no fold"):
        opened(tmp_path)


@pytest.mark.parametrize(("width", "height"), [(40, 20), (20, 41), (20, 20)])
def test_evaluation_resizes_the_shorter_side_and_crops_the_centre(
    tmp_path: Path, width: int, height: int
) -> None:
    path = tmp_path / "ramp.png"
    ramp = np.zeros((height, width, 3), np.uint8)
    ramp[..., 0] = np.linspace(0, 250, width)[None, :]
    ramp[..., 1] = np.linspace(0, 250, height)[:, None]
    Image.fromarray(ramp).save(path)
    image = evaluation_image(path, resize=10, size=8)
    assert image.shape == (3, 8, 8)
    assert image.dtype == torch.uint8
    centre = image.float().mean((1, 2))
    assert centre[:2].tolist() == pytest.approx([125, 125], abs=8)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "I;16", "CMYK", "turned"])
@pytest.mark.parametrize("size", [(64, 43), (26, 26), (37, 80)])
def test_evaluation_sees_the_pixels_that_a_board_sees(
    tmp_path: Path, size: tuple[int, int], mode: str
) -> None:
    random = np.random.default_rng(1)
    path = tmp_path / ("image.jpg" if mode in ("CMYK", "turned") else "image.png")
    if mode == "I;16":
        Image.fromarray(random.integers(0, 65536, size[::-1], np.uint16)).save(path)
    else:
        pixels = random.integers(0, 256, (*size[::-1], 4), np.uint8)
        image = Image.fromarray(pixels).convert("RGB" if mode == "turned" else mode)
        exif = Image.Exif()
        exif[0x0112] = 6 if mode == "turned" else 1
        image.save(path, exif=exif)
    found = evaluation_image(path, resize=25, size=20)
    rule = Preprocessing((0.0,) * 3, (1.0,) * 3, resize=25)
    np.testing.assert_array_equal(found.permute(1, 2, 0).numpy(), prepare(path, rule, (20, 20, 3)))


def test_grey_images_become_three_planes(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    Image.new("L", (9, 9), 77).save(path)
    draws = np.full((11, 4), 0.9)
    image = training_image(path, size=4, scale=(0.5, 1.0), flip=True, draws=draws)
    assert image.tolist() == torch.full((3, 4, 4), 77).tolist()


def test_a_low_draw_mirrors(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:, :4] = 255
    Image.fromarray(pixels).save(path)
    draws = np.full((2, 4), 0.5)
    draws[0, 0] = 1.0
    plain = training_image(path, size=8, scale=(1.0, 1.0), flip=True, draws=draws)
    draws[1, 0] = 0.4
    mirrored = training_image(path, size=8, scale=(1.0, 1.0), flip=True, draws=draws)
    assert torch.equal(mirrored, plain.flip(2))
    assert not torch.equal(mirrored, plain)


@settings(deadline=None)
@given(
    st.integers(1, 500),
    st.integers(1, 500),
    st.floats(0.01, 1.0),
    st.integers(0, 2**32 - 1),
)
def test_a_crop_lies_within_the_image(width: int, height: int, least: float, seed: int) -> None:
    draws = np.random.default_rng(seed).random((10, 4))
    left, top, right, bottom = crop_box(width, height, (least, 1.0), draws)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
