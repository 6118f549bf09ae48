"""The bytes of a file that a caller holds as an object: bytes, a file object, a resource."""

from __future__ import annotations

import io


def contents_of(source: object) -> bytes | None:
    """Return the bytes of an object that holds a file or can be read, None for any other object.

    Args:
        source: bytes, bytearray or memoryview; a file object opened for bytes, which is read from
            where it stands, or from its start where it stands at its end; or an object with
            `read_bytes`, such as a resource of `importlib.resources` inside a zip archive.

    Raises:
        TypeError: it gives text instead of bytes.
        OSError: it cannot be read.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if isinstance(source, io.TextIOBase):
        raise TypeError("expected a file opened by open(path, 'rb'), found one opened for text")
    if callable(getattr(source, "read", None)):
        return _read(source)
    if callable(getattr(source, "read_bytes", None)):
        return _checked(source.read_bytes())  # type: ignore[attr-defined]
    return None


def name_of(source: object) -> str | None:
    """Return the path of a file object or the name of a resource, None where it has none."""
    name = getattr(source, "name", None)
    return name if isinstance(name, str) and name else None


def _read(file: object) -> bytes:
    contents = _checked(file.read())  # type: ignore[attr-defined]
    if not contents and hasattr(file, "seekable") and file.seekable():
        file.seek(0)  # type: ignore[attr-defined]
        contents = _checked(file.read())  # type: ignore[attr-defined]
    return contents


def _checked(contents: object) -> bytes:
    if isinstance(contents, bytes | bytearray | memoryview):
        return bytes(contents)
    raise TypeError(f"expected an object that gives bytes, found {type(contents).__name__}")
