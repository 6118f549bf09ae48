"""Writes a file whole or not at all.

The bytes go to a temporary file in the same folder, which is flushed to the disk and then takes
the name in one step, so a reader or a crash sees the old file or the new one, never a part. It
refuses nothing else: what is in the file is the caller's affair.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Replace `path` by what `write` puts into the open binary file it is given.

    Raises:
        OSError: the folder cannot be written. `path` is as before and no temporary file is left.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
