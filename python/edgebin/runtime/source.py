"""Where a model comes from: the path of a file, the name of a shipped model, or bytes in memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from edgebin import _core
from edgebin.errors import ModelFileError
from edgebin.files.contents import contents_of, name_of
from edgebin.files.kinds import PREFIX_BYTES, kind_of
from edgebin.files.safe_open import open_ordinary
from edgebin.runtime import zoo
from edgebin.runtime.options import RunOptions


class Readable(Protocol):
    """A file object opened for bytes."""

    def read(self) -> bytes:
        """Return the bytes."""


class Resource(Protocol):
    """A file that has no path, such as one of `importlib.resources` inside a zip archive."""

    def read_bytes(self) -> bytes:
        """Return the bytes."""


ModelLike: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | Readable | Resource


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model comes from.

    Attributes:
        path: of the file, None where the model is in memory.
        contents: the bytes of the file in memory, None where there is a path.
        name: what messages call it where it has no path.
    """

    path: Path | None
    contents: bytes | None
    name: str = "model in memory"

    def __repr__(self) -> str:
        """Return the path, or what the bytes are called."""
        return self.name if self.path is None else repr(os.fspath(self.path))


def source_of(model: object) -> Source:
    """Return where a model comes from; bytes and what can be read are taken into memory.

    Raises:
        ModelFileError: it is nothing that holds a model, cannot be read, or is an unknown name.
    """
    if isinstance(model, str | os.PathLike):
        return Source(zoo.resolve(model), None)
    name = name_of(model)
    label = "model in memory" if name is None else name
    try:
        contents = contents_of(model)
    except (OSError, TypeError, ValueError) as error:
        raise ModelFileError(f"{label}: {error}", "file.read") from None
    if contents is None:
        raise ModelFileError(
            f"model: expected a path, a name, bytes or a file object, found {type(model).__name__}",
            "file.read",
        )
    return Source(None, contents, label)


def open_core(source: Source, options: RunOptions, *, conv_algorithm: str = "") -> _core.Model:
    """Load a model into the core.

    Args:
        source: of its file.
        options: checked ones.
        conv_algorithm: "lookup" or "bit_serial"; "" takes the faster one.

    Raises:
        ModelFileError: the file cannot be read or breaks a rule of FORMAT.md.
        OptionError: an option does not exist here.
    """
    settings = {**options.of_core(), "conv_algo": conv_algorithm}
    try:
        if source.contents is not None:
            return _core.Model(file=source.contents, **settings)
        return _core.Model(path=os.fspath(source.path or ""), **settings)
    except ModelFileError as error:
        raise _explained(error, source) from None


def start_of(path: str | os.PathLike[str], count: int) -> bytes:
    """Return the first bytes of an ordinary file; raise OSError where it cannot be read."""
    with open_ordinary(path) as file:
        return file.read(count)


def _explained(error: ModelFileError, source: Source) -> ModelFileError:
    """Return the error with the name of a model in memory, and with what another file is."""
    name = source.name if source.path is None else os.fspath(source.path)
    kind = kind_of(_start(source)) if error.code == "container.magic" else None
    if kind is not None:
        return ModelFileError(f"{name}: expected an .ebn file, found {kind}", error.code)
    if source.path is not None:
        return error
    named = ModelFileError(f"{name}: {error}")
    named.code = error.code
    return named


def _start(source: Source) -> bytes:
    if source.contents is not None:
        return source.contents[:PREFIX_BYTES]
    try:
        return start_of(source.path or "", PREFIX_BYTES)
    except OSError:
        return b""
