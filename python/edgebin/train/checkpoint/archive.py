"""Checks a checkpoint's file before PyTorch reads it.

A file from anywhere may be a device that never ends, an archive that unpacks into all memory, or
one whose tensors claim more bytes than it holds, whether or not PyTorch's release checks that. Each
is found here by sizes alone, and nothing is unpacked. `pickled.py` checks what names the tensors.
"""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from edgebin.errors import CheckpointError
from edgebin.train.checkpoint.pickled import check_storages

_LARGEST_PICKLE = 1 << 24  # bytes; ResNet-18 with AdamW takes 30,000
_MOST_MEMBERS = 100_000


def check_archive(path: Path) -> None:
    """Check that every member is stored uncompressed and every tensor lies within its member.

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
        check_storages(path, archive.read(pickles[0]), sizes)


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
