"""Looks a checkpoint's file over before PyTorch reads it.

A file from anywhere may be a device that never ends, an archive that unpacks into all memory, or
one whose tensors claim more bytes than it holds, whether or not PyTorch's release looks at that.
Each is refused here by sizes alone: nothing is unpacked and no object is made. What the entries
hold is `checkpoint_entries.py`'s affair.
"""

from __future__ import annotations

import io
import pickle
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgebin.errors import CheckpointError

_LARGEST_PICKLE = 1 << 24  # bytes; ResNet-18 with AdamW takes 30,000
_MOST_MEMBERS = 100_000


def check_archive(path: Path) -> None:
    """Returns where every member is stored as it is and every tensor lies within its member.

    Raises:
        CheckpointError: it does not, or the file is missing, no ordinary file, no archive, damaged.
        OSError: it cannot be read.
    """
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        raise CheckpointError(f"{path}: expected a checkpoint, found no such file") from None
    if not stat.S_ISREG(kind):
        raise CheckpointError(f"{path}: expected a checkpoint, found a folder or a device")
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _check_sizes(path, members, path.stat().st_size)
        bad = archive.testzip()
        if bad is not None:
            raise CheckpointError(f"{path}: damaged: the checksum of {bad!r} is wrong")
        sizes = {member.filename.partition("/")[2]: member.file_size for member in members}
        pickles = [m for m in members if m.filename.partition("/")[2] == "data.pkl"]
        if "constants.pkl" in sizes:  # PyTorch would hand it to the reader of programs
            raise CheckpointError(f"{path}: expected a checkpoint, found a TorchScript program")
        if len(pickles) != 1 or len(sizes) != len(members):
            raise CheckpointError(f"{path}: damaged: expected one data.pkl and no name twice")
        if pickles[0].file_size > _LARGEST_PICKLE:
            raise CheckpointError(
                f"{path}: damaged: expected at most {_LARGEST_PICKLE} bytes beside the tensors, "
                f"found {pickles[0].file_size}"
            )
        _check_storages(path, archive.read(pickles[0]), sizes)


def _check_sizes(path: Path, members: list[zipfile.ZipInfo], whole: int) -> None:
    if len(members) > _MOST_MEMBERS:
        raise CheckpointError(
            f"{path}: damaged: expected at most {_MOST_MEMBERS} members, found {len(members)}"
        )
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
            raise CheckpointError(
                f"{path}: damaged: expected members stored as they are, found "
                f"{member.filename[:60]!r} packed"
            )
    total = sum(member.file_size for member in members)
    if total > whole:
        raise CheckpointError(
            f"{path}: damaged: expected members of {whole} bytes at most, found {total}"
        )


def _check_storages(path: Path, raw: bytes, sizes: dict[str, int]) -> None:
    def check(storage: tuple[Any, ...]) -> None:
        _, kind, key, _, count = storage
        if kind not in _STORAGES.values():
            raise CheckpointError(f"{path}: damaged: expected a tensor storage, found another type")
        held = sizes.get(f"data/{key}", 0)
        if type(count) is not int or not 0 <= count * kind.bytes_each <= held:
            raise CheckpointError(
                f"{path}: damaged: expected at most {held} bytes in tensor storage {key!r:.20}, "
                "found a larger one"
            )

    _Storages(raw, check).load()


class _StandIn:
    """What a pickle names, as something that does nothing when it is called or given a state."""

    bytes_each = 1

    def __init__(self, *_: object, **__: object) -> None:
        """Take anything."""

    def __setstate__(self, _: object) -> None:
        """Take anything."""

    def __setitem__(self, *_: object) -> None:
        """Take anything: what is made in place of an OrderedDict gets items."""


def _of_size(size: int) -> type[_StandIn]:
    return type("_Storage", (_StandIn,), {"bytes_each": size})


_BYTES_EACH = {
    "BFloat16": 2,
    "Bool": 1,
    "Byte": 1,
    "Char": 1,
    "ComplexDouble": 16,
    "ComplexFloat": 8,
    "Double": 8,
    "Float": 4,
    "Half": 2,
    "Int": 4,
    "Long": 8,
    "Short": 2,
    "Untyped": 1,
}
_STORAGES = {f"{name}Storage": _of_size(size) for name, size in _BYTES_EACH.items()}


class _Storages(pickle._Unpickler):
    """Goes through a pickle without making or calling anything that it names.

    It is the one in Python, not the one in C: that one sizes a table by a number in the file.
    """

    def __init__(self, raw: bytes, check: Callable[[tuple[Any, ...]], None]) -> None:
        """Take the bytes, and what is to look at each storage."""
        super().__init__(io.BytesIO(raw))
        self._check = check

    def find_class(self, module: str, name: str) -> type[_StandIn]:
        """A stand-in for whatever it is."""
        return _STORAGES.get(name, _StandIn) if module in ("torch", "torch.storage") else _StandIn

    def persistent_load(self, pid: Any) -> object:
        """Look at the size that a storage claims to have."""
        if not isinstance(pid, tuple) or len(pid) != 5:
            raise pickle.UnpicklingError("a reference to no storage")
        self._check(pid)
        return _StandIn()
