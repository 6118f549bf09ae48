"""Writes a file atomically: whole or not at all.

The bytes go to a temporary file in the same folder, which is flushed to the disk and then renamed.
So a reader, a crash or a power cut sees the old file or the new one, never a part of it. A file
that is replaced keeps its permissions, and a link to it stays a link. Only ordinary files are
replaced.

A process that is killed leaves its temporary file behind, and the next write into the folder
removes it. The writing process holds a lock (flock) on its temporary file, so that only those of
dead processes are removed. `edgebin-run` uses the same names and locks
(csrc/cli/io/atomic_write.cc).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

PREFIX, SUFFIX = ".edgebin-", ".tmp"

_unfinished: set[Path] = set()


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Replace `path` by what `write` puts into the open binary file it is given.

    When it returns the file is on the disk, under its name.

    Raises:
        OSError: the folder cannot be written, or `path` is a folder or a device. `path` is then as
            before and no temporary file is left.
    """
    path = Path(os.path.realpath(path))  # unlike resolve(), fails on no loop of links
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "a folder or a device stands there", str(path))
    _remove_leftovers(path.parent)
    with _temporary(path.parent) as (temporary, file):
        if path.exists():
            os.fchmod(file.fileno(), path.stat().st_mode)
        write(file)
        file.flush()
        os.fsync(file.fileno())
        temporary.replace(path)
    _flush_folder(path.parent)


def write_new(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file whose name is free, whole or not at all; nothing is ever replaced.

    Raises:
        FileExistsError: something has that name, be it a link that leads nowhere.
        OSError: the folder cannot be written.
    """
    with _temporary(path.parent) as (temporary, file):
        write(file)
        file.flush()
        os.fsync(file.fileno())
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            temporary.replace(path)


def remove_unfinished() -> None:
    """Remove the temporary files of this process, which is about to end."""
    for temporary in list(_unfinished):
        with contextlib.suppress(OSError):
            temporary.unlink()


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Open a new, locked file, and remove it at the end unless it was renamed."""
    while True:
        temporary = folder / f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"
        _unfinished.add(temporary)
        try:
            with temporary.open("xb") as file:
                with contextlib.suppress(OSError):  # a file system without locks
                    fcntl.flock(file, fcntl.LOCK_EX)
                if os.fstat(file.fileno()).st_nlink == 0:
                    continue  # another process took it for a leftover before it was locked
                yield temporary, file
                return
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
            _unfinished.discard(temporary)


def _remove_leftovers(folder: Path) -> None:
    """Remove temporary files that no process holds a lock on."""
    for leftover in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):  # of another user, or gone
            descriptor = _open_leftover(leftover)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                leftover.unlink()
            finally:
                os.close(descriptor)


def _open_leftover(path: Path) -> int:
    """Open a temporary file so that it can be locked.

    For writing, as some file systems want it; for reading where it is read-only, since it was to
    replace such a file.
    """
    options = os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        return os.open(path, os.O_WRONLY | options)
    except PermissionError:
        return os.open(path, os.O_RDONLY | options)


def _flush_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the file system can promise that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
