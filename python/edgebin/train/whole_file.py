"""Writes a file whole or not at all.

The bytes go to a temporary file in the same folder, which is flushed to the disk and then takes
the name in one step, so a reader or a crash sees the old file or the new one, never a part. It
refuses nothing else: what is in the file is the caller's affair.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO


def write_whole(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Replaces `path` by what `write` puts into the open binary file it is given.

    Raises:
        OSError: the folder cannot be written. `path` is as before and no temporary file is left.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
