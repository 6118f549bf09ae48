"""Files from a stranger: each is refused in one line, none runs code, fills memory or waits."""

from __future__ import annotations

import io
import os
import pickle
import resource
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from edgebin.errors import CheckpointError, DataError, EdgebinError, RecipeError
from edgebin.train.checkpoint.checkpoint import Checkpoint, save_checkpoint
from edgebin.train.checkpoint.network import load_network
from edgebin.train.data.cifar10 import read_batch
from edgebin.train.data.source import DataSet
from edgebin.train.log import log
from edgebin.train.log.entries import read_entries
from edgebin.train.log.refinement_curves import refinement_curves
from edgebin.train.log.training_curves import training_curves
from edgebin.train.recipe.file import load_recipe
from edgebin.train.recipe.recipe import Recipe
from edgebin.train.state import as_checkpoint, fresh_state

MEMORY = 512 << 20  # bytes that refusing a file may ask for, far below what the files ask for
Spoil = Callable[[dict[str, bytes]], dict[str, bytes]]


@pytest.fixture(scope="module")
def room() -> None:
    """What a first load takes for itself is not the file's."""
    buffer = io.BytesIO()
    torch.save({}, buffer)
    buffer.seek(0)
    torch.load(buffer, weights_only=True)


@pytest.fixture
def little_memory(room: None) -> Iterator[None]:  # noqa: ARG001
    """Allocations beyond MEMORY fail, and what refuses a file is slow by no more than seconds."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, hard))
    began = time.monotonic()
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert time.monotonic() - began < 20


@pytest.fixture
def saved(tmp_path: Path, recipe: Recipe, data: DataSet) -> Path:
    path = tmp_path / "checkpoint.pt"
    state = fresh_state(recipe, data, device=torch.device("cpu"))
    save_checkpoint(path, as_checkpoint(state, recipe, data))
    return path


class Runs:
    """Unpickled without care it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def archive(path: Path, members: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", how) as file:
        for name, contents in members.items():
            file.writestr(name, contents)


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def refused(path: Path, message: str) -> None:
    with pytest.raises(CheckpointError, match=message) as caught:
        load_network(path)
    assert len(str(caught.value).splitlines()) == 1
    assert str(caught.value).startswith(f"{path}: ")


_NAMES_CODE = r"expected tensors and plain values, found 'posix\.mkdir'$"


@pytest.mark.parametrize("place", ["entry", "data.pkl", "whole file", "model", "optimizer"])
def test_code_is_never_run(saved: Path, place: str, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    hostile = pickle.dumps(Runs(mark), protocol=2)
    pickle.loads(hostile)
    mark.rmdir()  # it does run where nobody takes care
    if place == "whole file":
        saved.write_bytes(hostile)
    elif place == "data.pkl":
        archive(saved, {**members_of(saved), "archive/data.pkl": hostile})
    else:
        content = torch.load(saved, weights_only=True)
        if place == "entry":
            content["payload"] = Runs(mark)
        else:
            content[place]["payload"] = Runs(mark)
        torch.save(content, saved)
    refused(saved, "damaged: " + ("File is not" if place == "whole file" else _NAMES_CODE))
    assert not mark.exists()


def test_python_code_of_scripted_modules_is_not_read(saved: Path) -> None:
    archive(saved, {**members_of(saved), "archive/code/a.py": b"x", "archive/constants.pkl": b"."})
    refused(saved, "expected a checkpoint, found a TorchScript program")


@pytest.mark.usefixtures("little_memory")
def test_a_zip_bomb_is_not_unpacked(saved: Path) -> None:
    members = members_of(saved)
    archive(saved, {**members, "archive/data/0": bytes(1 << 28)}, zipfile.ZIP_DEFLATED)
    assert saved.stat().st_size < 1 << 20
    refused(saved, "expected members stored as they are, found '.*' packed")


def grown(members: dict[str, bytes]) -> dict[str, bytes]:
    """The largest storage holds less than the tensor in it claims."""
    name = max((n for n in members if "/data/" in n), key=lambda n: len(members[n]))
    return {**members, name: members[name][:4]}


def nested(members: dict[str, bytes]) -> dict[str, bytes]:
    """A list in a list in a list."""
    return {**members, "archive/data.pkl": b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b"."}


def wide_memo(members: dict[str, bytes]) -> dict[str, bytes]:
    """A table of remembered objects with room for 2**32."""
    return {**members, "archive/data.pkl": b"\x80\x02Nr\xff\xff\xff\xff."}


def colliding_keys(members: dict[str, bytes]) -> dict[str, bytes]:
    """A table whose keys have one hash: filling it takes the square of their number."""
    multiples = ((2**61 - 1) * i for i in range(100_000))
    keys = b"".join(b"\x8a\x0a" + key.to_bytes(10, "little") + b"N" for key in multiples)
    return {**members, "archive/data.pkl": b"\x80\x02}(" + keys + b"u."}


def colliding_memo(members: dict[str, bytes]) -> dict[str, bytes]:
    """The same for the table of remembered objects."""
    puts = b"".join(b"p%d\n" % ((2**61 - 1) * i) for i in range(100_000))
    return {**members, "archive/data.pkl": b"\x80\x02N" + puts + b"."}


def table_of_pairs(members: dict[str, bytes]) -> dict[str, bytes]:
    """A table that is made of a list, whose keys nobody looks at one by one."""
    made = b"ccollections\nOrderedDict\n]]X\1\0\0\0aaNaa\x85R."
    return {**members, "archive/data.pkl": b"\x80\x02" + made}


def doubling_key(members: dict[str, bytes]) -> dict[str, bytes]:
    """A storage whose name is a pair of pairs of pairs: short here, endless when it is shown."""
    pairs = b")" + b"q\0h\0\x86" * 60
    storage = b"(X\7\0\0\0storagectorch\nFloatStorage\n" + pairs + b"X\3\0\0\0cpuK\1tQ."
    return {**members, "archive/data.pkl": b"\x80\x02" + storage}


def long_string(members: dict[str, bytes]) -> dict[str, bytes]:
    """A string of 2**62 bytes."""
    return {**members, "archive/data.pkl": b"\x80\x04\x8d" + b"\0" * 7 + b"\x40."}


def no_pickle(members: dict[str, bytes]) -> dict[str, bytes]:
    return {name: contents for name, contents in members.items() if "pkl" not in name}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (grown, "expected at most 4 bytes in tensor storage '.*', found a larger one"),
        (nested, "expected an edgebin checkpoint|damaged"),
        (wide_memo, "expected an edgebin checkpoint|damaged"),
        (colliding_keys, "damaged: expected names and small numbers as keys, found int"),
        (colliding_memo, "damaged: an operation or an object that is not there"),
        (table_of_pairs, "damaged: expected an empty OrderedDict, found one with entries"),
        (doubling_key, "damaged: expected a storage's name, found no text"),
        (long_string, "damaged"),
        (no_pickle, "expected one data.pkl"),
        (lambda members: {}, "expected one data.pkl"),
    ],
)
@pytest.mark.usefixtures("little_memory")
def test_an_impossible_archive_is_one_line(saved: Path, spoil: Spoil, message: str) -> None:
    archive(saved, spoil(members_of(saved)))
    refused(saved, message)


def entry(content: dict[str, Any], key: str, value: object) -> None:
    place, _, inner = key.partition("/")
    if inner:
        content[place][inner or next(iter(content[place]))] = value
    else:
        content[place] = value


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("model/stem.weight", torch.zeros(1).expand(1 << 50), "model.stem.weight: expected a ten"),
        ("data_rng", torch.zeros(1, dtype=torch.uint8).expand(1 << 50), "entry data_rng: expected"),
        ("model/stem.weight", torch.full((3,), float("nan")), "expected finite numbers, found nan"),
        ("model/stem.weight", torch.zeros(3, dtype=torch.int64), "stem.weight: expected .*, found"),
        ("model/stem.weight", torch.empty(3, device="meta"), "stem.weight: expected a tensor"),
        ("options", {"num_classes": 10**9}, "the weights do not fit resnet20"),
        ("options", {"width": 1e6}, "width|the weights do not fit"),
    ],
)
@pytest.mark.usefixtures("little_memory")
def test_an_impossible_tensor_is_one_line(
    saved: Path, key: str, value: object, message: str
) -> None:
    content = torch.load(saved, weights_only=True)
    entry(content, key, value)
    torch.save(content, saved)
    refused(saved, message)


def test_a_weight_of_another_type_is_one_line(saved: Path) -> None:
    content = torch.load(saved, weights_only=True)
    name = next(iter(content["model"]))
    content["model"][name] = content["model"][name].double()
    torch.save(content, saved)
    refused(saved, rf"{name}: expected float32 .*, found float64 ")


def missing_keys() -> list[str]:
    optional = ("teacher", "raw")
    return ["format", "version", *(n for n in Checkpoint.__dataclass_fields__ if n not in optional)]


def test_every_missing_entry_is_one_line(saved: Path) -> None:
    content = torch.load(saved, weights_only=True)
    for key in missing_keys():
        torch.save({name: value for name, value in content.items() if name != key}, saved)
        refused(saved, f"expected (an entry '{key}'|an edgebin checkpoint|checkpoint version)")


def fifo(path: Path) -> None:
    os.mkfifo(path)


STRANGE: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir,
    "endless device": lambda path: path.symlink_to("/dev/zero"),
    "empty device": lambda path: path.symlink_to("/dev/null"),
    "pipe": fifo,
    "loop of links": lambda path: path.symlink_to(path),
    "not a zip": lambda path: path.write_bytes(b"no archive" * 100),
    "empty": Path.touch,
}

READERS: dict[str, tuple[Callable[[Path], object], type[EdgebinError]]] = {
    "checkpoint": (load_network, CheckpointError),
    "recipe": (load_recipe, RecipeError),
    "log": (lambda path: training_curves(read_entries(path), path), CheckpointError),
    "log of a refinement": (
        lambda path: refinement_curves(read_entries(path), path),
        CheckpointError,
    ),
    "CIFAR-10": (read_batch, DataError),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("what", STRANGE)
@pytest.mark.usefixtures("little_memory")
def test_what_is_no_file_of_its_kind_is_one_line(what: str, reader: str, tmp_path: Path) -> None:
    read, error = READERS[reader]
    path = tmp_path / "strange"
    STRANGE[what](path)
    with pytest.raises(error) as caught:
        read(path)
    assert "strange" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("text", ["a = " + "[" * 10_000, "a" + ".a" * 8_000 + " = 1", "a = 1e9"])
def test_a_recipe_that_nests_or_swells_is_one_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(text)
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert len(str(caught.value).splitlines()) == 1
    path.write_bytes(b"#\n" * (1 << 17) + b"#")
    with pytest.raises(RecipeError, match="expected at most 262144 bytes, found more"):
        load_recipe(path)
    path.write_bytes(b"#\n" + b"#" * 1025)
    with pytest.raises(
        RecipeError, match="expected lines of at most 1024 bytes, found one of 1025"
    ):
        load_recipe(path)


def test_the_longest_recipe_of_the_deepest_keys_takes_seconds(tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    lines = [f"k{number}" + ".a" * 500 + " = 1\n" for number in range(255)]
    path.write_text("".join(lines))
    assert (1 << 17) < path.stat().st_size <= 1 << 18
    with pytest.raises(RecipeError, match=r"expected no table \[k0\], found one"):
        load_recipe(path)


@pytest.mark.usefixtures("little_memory")
def test_a_log_of_endless_length_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    with pytest.raises(CheckpointError, match=r"expected at most .* bytes, found more"):
        read_entries(path)
    with pytest.raises(CheckpointError, match=r"expected at most .* bytes, found more"):
        log.cut_back(path, 1)
