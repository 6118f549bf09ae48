"""Writes a file whole or not at all.

The bytes go to a temporary file in the same folder, which is flushed to the disk and then takes
the name in one step, so a reader or a crash sees the old file or the new one, never a part. A file
that is replaced keeps its permissions, and a link to it stays a link. It refuses to replace what is
no ordinary file; what is in the file is the caller's affair.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Replace `path` by what `write` puts into the open binary file it is given.

    Raises:
        OSError: the folder cannot be written, or `path` is a folder or a device. `path` is then as
            before and no temporary file is left.
    """
    path = Path(os.path.realpath(path))  # unlike resolve(), fails on no loop of links
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "a folder or a device stands there", str(path))
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            if path.exists():
                os.fchmod(file.fileno(), path.stat().st_mode)
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
