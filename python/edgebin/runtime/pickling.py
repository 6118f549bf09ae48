"""What a pickled model holds: the path of its file while that is unchanged, else its bytes.

A file counts as unchanged while its device, inode, size and time of modification are those of the
moment when it was loaded. Pickled with the path are the first 32 bytes of the file, which hold its
size and its checksum: a process that finds another file there refuses it instead of running another
network. A model that ships with edgebin is pickled by its name, so that another machine finds it.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edgebin.errors import ModelFileError
from edgebin.runtime import zoo
from edgebin.runtime.source import Source, start_of

_HEADER_BYTES = 32
_CHECKSUM = slice(24, 28)


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file as it was when a model was loaded from it.

    Attributes:
        path: absolute, so that it stays right in another working directory.
        identity: device, inode, size and time of modification.
        header: its first 32 bytes.
    """

    path: str
    identity: tuple[int, ...]
    header: bytes


@dataclass(frozen=True, slots=True)
class PickledFile:
    """What is pickled of a model's file: a path or a name with the header, or all bytes.

    Attributes:
        path: absolute path, or name of a shipped model; "" where the bytes are held.
        contents: the header of the file at the path, or all of it.
        name: of a model in memory, for messages.
    """

    path: str
    contents: bytes
    name: str


def loaded_file(path: Path) -> LoadedFile | None:
    """Return what a file is now; None where it cannot be read, which its loading reports."""
    try:
        return LoadedFile(os.path.abspath(path), _identity(path), start_of(path, _HEADER_BYTES))
    except (OSError, ValueError):
        return None


def pickled_file(
    source: Source, loaded: LoadedFile | None, mapped: Callable[[], bytes]
) -> PickledFile:
    """Return what is pickled of a model's file.

    Args:
        source: of the model.
        loaded: its file when it was loaded, None for a model in memory.
        mapped: reads the bytes that the core has mapped.

    Raises:
        ModelFileError: the file was overwritten in place after the model was loaded.
    """
    if source.contents is not None or loaded is None:
        return PickledFile("", source.contents or mapped(), source.name)
    try:
        identity = _identity(loaded.path)
    except OSError:
        identity = ()
    if identity == loaded.identity:
        return PickledFile(_shipped_name(loaded.path) or loaded.path, loaded.header, source.name)
    # A file that was replaced or removed is still mapped whole; one that was overwritten is not.
    contents = mapped() if identity[:2] != loaded.identity[:2] else b""
    checksum = int.from_bytes(loaded.header[_CHECKSUM], "little")
    if contents[:_HEADER_BYTES] != loaded.header or zlib.crc32(contents[32:]) != checksum:
        raise ModelFileError(
            f"{loaded.path}: expected the file that the model was loaded from, found it overwritten"
        )
    return PickledFile("", contents, loaded.path)


def unpickled_source(pickled: PickledFile) -> Source:
    """Return where a pickled model is to be loaded from.

    Raises:
        ModelFileError: another file, or none, stands at the path.
    """
    if not pickled.path:
        return Source(None, pickled.contents, pickled.name)
    path = zoo.resolve(pickled.path)
    try:
        header = start_of(path, _HEADER_BYTES)
    except OSError as error:
        raise ModelFileError(
            f"{path}: expected the file of a pickled model, found: {error.strerror}", "file.read"
        ) from None
    if header != pickled.contents:
        raise ModelFileError(f"{path}: expected the file of a pickled model, found another file")
    return Source(path, None)


def _identity(path: str | os.PathLike[str]) -> tuple[int, ...]:
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _shipped_name(path: str) -> str | None:
    return next((name for name, file in zoo.shipped().items() if os.fspath(file) == path), None)
