"""Measures the accuracy of models on whole test sets, through the runtime as a board runs it.

    python experiments/accuracy.py [MODEL...] --data FOLDER [--data FOLDER] [--output FILE.json]

Without MODEL, all shipped models are measured. A model is measured on the data set whose classes
are its labels: the binary files of CIFAR-10, or images in val/CLASS/, where the name of a class is
that of its folder or the label that a shipped recipe gives it. PyTorch and checkpoints are not
needed, and nothing is downloaded.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

import benchmarks_path  # noqa: F401
import edgebin
from arguments import Parser, count, result_file
from edgebin.errors import DataError, EdgebinError
from edgebin.runtime import zoo
from result_files import about, write_result

BATCH = 250
CIFAR10 = "cifar-10-batches-bin"
_SIDE = 32
_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".webp")

Batch = tuple[Any, npt.NDArray[np.intp]]  # images as a model takes them, and their class indices


@dataclass(frozen=True, slots=True)
class TestSet:
    """A test set.

    Args:
        name: of the data set.
        names: all lists of class names that a model may have, in the order of the class indices:
            names of folders, and labels of recipes.
        images: number of images.
        batches: of images and class indices.
    """

    name: str
    names: tuple[tuple[str, ...], ...]
    images: int
    batches: Sequence[Any]


def open_test_set(folder: Path) -> TestSet:
    """Open the test set in a folder.

    Raises:
        DataError: the folder has neither kind of test set, or no images.
    """
    home = folder / CIFAR10 if (folder / CIFAR10).is_dir() else folder
    if (home / "test_batch.bin").is_file():
        return _cifar10(home)
    if (folder / "val").is_dir():
        return _photographs(folder / "val")
    raise DataError(f"{folder}: expected test_batch.bin of CIFAR-10 or a folder val, found neither")


def _cifar10(home: Path) -> TestSet:
    try:
        classes = tuple((home / "batches.meta.txt").read_text().split())
        raw = np.fromfile(home / "test_batch.bin", np.uint8)
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be read: {error.strerror}") from None
    record = 1 + 3 * _SIDE * _SIDE
    if len(raw) == 0 or len(raw) % record:
        raise DataError(f"{home}: expected records of {record} bytes, found {len(raw)} bytes")
    records = raw.reshape(-1, record)
    planes = records[:, 1:].reshape(-1, 3, _SIDE, _SIDE)
    pixels = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
    labels = records[:, 0].astype(np.intp)
    starts = range(0, len(records), BATCH)
    batches = [(pixels[i : i + BATCH], labels[i : i + BATCH]) for i in starts]
    return TestSet("CIFAR-10", (classes,), len(records), batches)


def _photographs(home: Path) -> TestSet:
    classes = tuple(sorted(path.name for path in home.iterdir() if path.is_dir()))
    images = [
        (path, number)
        for number, name in enumerate(classes)
        for path in sorted((home / name).rglob("*"))
        if path.suffix.lower() in _SUFFIXES
    ]
    if not images:
        raise DataError(f"{home}: expected images in folders of classes, found none")
    batches = [
        ([path for path, _ in part], np.array([number for _, number in part]))
        for part in (images[i : i + BATCH] for i in range(0, len(images), BATCH))
    ]
    return TestSet(home.parent.name, (classes, *_labels(classes)), len(images), batches)


def _labels(folders: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    try:
        toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    except ImportError:  # on Python 3.10, without the extra `train`
        return
    recipes = (files("edgebin") / "train" / "recipe" / "shipped").iterdir()
    for file in sorted((entry for entry in recipes if entry.name.endswith(".toml")), key=str):
        labels = toml.loads(file.read_text(encoding="utf-8"))["data"].get("labels", {})
        if sorted(labels) == list(folders):
            yield tuple(labels[name] for name in folders)


def measure(model: edgebin.Model, test_set: TestSet) -> dict[str, Any]:
    """Run a model on all images of a test set; return the row of the result."""
    right = 0
    console = Console(stderr=True)
    for images, labels in track(test_set.batches, model.name, console=console):
        predictions = model(images, top=1)
        right += sum(
            best[0].index == label for best, label in zip(predictions, labels.tolist(), strict=True)
        )
    return {
        "model": model.name,
        "file_bytes": model.file_bytes,
        "test_set": test_set.name,
        "images": test_set.images,
        "pictures": test_set.images,  # as it was called
        "right": right,
        "accuracy": right / test_set.images,
        "isa": model.isa,
    }


def _test_set_of(model: edgebin.Model, name: str, sets: Sequence[TestSet]) -> TestSet:
    wanted = sorted(model.labels)
    fitting = [test for test in sets if wanted in (sorted(names) for names in test.names)]
    if not fitting:
        known = ", ".join(test.name for test in sets)
        raise DataError(f"{name}: expected a test set of its classes, found {known}")
    if tuple(model.labels) not in fitting[0].names:
        raise DataError(f"{name}: expected labels in the order of {fitting[0].name}, found another")
    return fitting[0]


def main() -> int:
    """Measure, print, and write the result."""
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="MODEL", help="a file or a shipped name")
    parser.add_argument("--data", type=Path, action="append", required=True, help="a data set")
    parser.add_argument("--output", type=result_file, help="where to write the result as JSON")
    parser.add_argument("--threads", type=count, default=1)
    arguments = parser.parse_args()
    try:
        sets = [open_test_set(folder) for folder in arguments.data]
        names = arguments.models or list(zoo.shipped())
        models = [edgebin.load(name, threads=arguments.threads) for name in names]
        # All of them, before the first is measured.
        chosen = [_test_set_of(*pair, sets) for pair in zip(models, names, strict=True)]
        rows = []
        for name, model, test_set in zip(names, models, chosen, strict=True):
            row = measure(model, test_set)
            rows.append({"file": zoo.resolve(name).name, **row})
            found = f"{row['right']} of {row['images']} images of {row['test_set']}"
            print(f"{row['model']}: {row['accuracy']:.2%}, {found}", flush=True)
        if arguments.output is not None:
            write_result({"results": rows, **about()}, arguments.output)
    except EdgebinError as error:
        print(f"accuracy: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
