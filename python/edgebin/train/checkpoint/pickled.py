"""Checks a checkpoint's pickle before PyTorch reads it.

A pickle names what is to be made and called, and how large tensors are; tables can be filled with
keys that collide, so that filling them takes hours. Here nothing that it names is made or called,
and what no checkpoint holds is an error. `entries.py` checks what the entries hold.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, ClassVar

from edgebin.errors import CheckpointError

_LARGEST_KEY = 1 << 32  # far below the modulus of hashes


def check_storages(path: Path, raw: bytes, sizes: Mapping[str, int]) -> None:
    """Check that every tensor lies within its storage, and that all else is plain.

    Args:
        path: of the checkpoint, for errors.
        raw: the pickle.
        sizes: bytes of the archive's members by name.

    Raises:
        CheckpointError: a storage is none of PyTorch's or claims more bytes than it has.
        UnpicklingError: the pickle holds or does what no checkpoint does.
        Exception: whatever else a damaged pickle leads to.
    """

    def check(storage: tuple[Any, ...]) -> None:
        _, kind, key, _, count = storage
        if kind not in _STORAGES.values():
            raise CheckpointError(f"{path}: damaged: expected a tensor storage, found another type")
        if type(key) is not str:
            raise CheckpointError(f"{path}: damaged: expected a storage's name, found no text")
        held = sizes.get(f"data/{key}", 0)
        if type(count) is not int or not 0 <= count * kind.bytes_each <= held:
            raise CheckpointError(
                f"{path}: damaged: expected at most {held} bytes in tensor storage {key!r:.20}, "
                "found a larger one"
            )

    SafeReader(io.BytesIO(raw), check).load()


class _StandIn:
    """Stands in for what a pickle names, and does nothing when it is called or given a state."""

    bytes_each = 1

    def __init__(self, *_: object, **__: object) -> None:
        """Take anything."""

    def __setstate__(self, _: object) -> None:
        """Take anything."""

    def __setitem__(self, *_: object) -> None:
        """Take anything: what is made in place of an OrderedDict gets items."""


class _Empty(_StandIn):
    """Stands in for an OrderedDict, which is made empty and gets its entries one by one."""

    def __init__(self, *given: object) -> None:
        """Take nothing."""
        if given:
            raise pickle.UnpicklingError("expected an empty OrderedDict, found one with entries")


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

# All that PyTorch's reader of weights knows, without sets.
_OPERATIONS = """
    APPEND APPENDS BINFLOAT BINGET BININT BININT1 BININT2 BINPERSID BINPUT BINUNICODE BUILD
    EMPTY_DICT EMPTY_LIST EMPTY_TUPLE GLOBAL LONG1 LONG_BINGET LONG_BINPUT MARK NEWFALSE NEWOBJ
    NEWTRUE NONE PROTO REDUCE SETITEM SETITEMS SHORT_BINSTRING STOP TUPLE TUPLE1 TUPLE2 TUPLE3
"""
_HANDLERS: dict[int, Callable[[Any], None]] = vars(pickle._Unpickler)["dispatch"]


def _set_item(reader: Any) -> None:
    _check_key(reader.stack[-2])
    _HANDLERS[pickle.SETITEM[0]](reader)


def _set_items(reader: Any) -> None:
    for key in reader.stack[::2]:
        _check_key(key)
    _HANDLERS[pickle.SETITEMS[0]](reader)


class SafeReader(pickle._Unpickler):
    """Reads a pickle without making or calling anything that it names.

    It is the one in Python, not the one in C: that one sizes a table by a number in the file. Keys
    are what hashes cannot be made to collide with, or filling a table would take hours.
    """

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        **{code: _HANDLERS[code] for name in _OPERATIONS.split() for code in getattr(pickle, name)},
        pickle.SETITEM[0]: _set_item,
        pickle.SETITEMS[0]: _set_items,
    }

    def __init__(
        self, file: IO[bytes], check: Callable[[tuple[Any, ...]], None], *, references: int = 5
    ) -> None:
        """Take the file, what checks each reference to a storage, and the length of one."""
        super().__init__(file)
        self._check = check
        self._references = references

    def load(self) -> Any:
        """Read all of it."""
        try:
            return super().load()
        except KeyError:
            raise pickle.UnpicklingError("an operation or an object that is not there") from None

    def find_class(self, module: str, name: str) -> type[_StandIn]:
        """Return a stand-in for what a pickle names of PyTorch's, or for a table."""
        if (module, name) == ("collections", "OrderedDict"):
            return _Empty
        if module != "torch" and not module.startswith("torch."):
            raise pickle.UnpicklingError(
                f"expected tensors and plain values, found {f'{module}.{name}'[:60]!r}"
            )
        return _STORAGES.get(name, _StandIn) if module in ("torch", "torch.storage") else _StandIn

    def persistent_load(self, pid: Any) -> object:
        """Check the size that a storage claims to have."""
        if not isinstance(pid, tuple) or len(pid) != self._references:
            raise pickle.UnpicklingError("a reference to no storage")
        self._check(pid)
        return _StandIn()


def bytes_of(kind: object) -> int:
    """Return the bytes of an element of a storage, of a type that the reader has given.

    Raises:
        UnpicklingError: it is no type of storage.
    """
    if kind not in _STORAGES.values():
        raise pickle.UnpicklingError("expected a tensor storage, found another type")
    return kind.bytes_each  # type: ignore[attr-defined, no-any-return]


def _check_key(key: object) -> None:
    plain = key is None or isinstance(key, str | float | bool)
    if not plain and not (isinstance(key, int) and abs(key) < _LARGEST_KEY):
        raise pickle.UnpicklingError(
            f"expected names and small numbers as keys, found {type(key).__name__}"
        )
