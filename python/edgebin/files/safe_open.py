"""Opens files that may come from anywhere: ordinary files only, up to a size.

A device may never end, opening a pipe may never return, and a file may be larger than memory.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_ordinary(path: str | os.PathLike[str]) -> BinaryIO:
    """Open an ordinary file for reading, without ever waiting for another process.

    Raises:
        OSError: it cannot be read, or a folder, a device or a pipe stands there.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
        if not stat.S_ISREG(kind):
            raise OSError(errno.EINVAL, "a device or a pipe stands there", os.fspath(path))
        return open(descriptor, "rb")  # noqa: PTH123 - a descriptor has no path
    except BaseException:
        os.close(descriptor)
        raise


def read_bounded(path: Path, most: int) -> bytes:
    """Return the bytes of a file.

    Args:
        path: of the file.
        most: bytes that it may have.

    Raises:
        OSError: it cannot be read, is no ordinary file, or has more bytes.
    """
    with open_ordinary(path) as file:
        contents = file.read(most + 1)
    if len(contents) > most:
        raise OSError(errno.EFBIG, f"expected at most {most} bytes, found more", str(path))
    return contents
