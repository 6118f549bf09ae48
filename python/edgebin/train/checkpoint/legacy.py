"""Checks a file of torch.save before PyTorch 1.6, before PyTorch reads it.

It is five pickles (a number, a version, sizes of types, the object, the keys of its storages) and
then the storages. The object's tensors may not claim more bytes than the file has.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from edgebin.errors import CheckpointError
from edgebin.files.safe_open import open_ordinary
from edgebin.train.checkpoint.pickled import SafeReader, bytes_of

MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001


def check_legacy(path: Path) -> None:
    """Check that the file is plain, and as large as its tensors.

    Raises:
        CheckpointError: it is not such a file, or a tensor claims more than there is.
        UnpicklingError: it holds or does what no state dict does.
        Exception: whatever else a damaged pickle leads to.
    """
    with open_ordinary(path) as file:
        held = file.seek(0, 2)
        file.seek(0)
        claimed: dict[str, int] = {}

        def check(storage: tuple[Any, ...]) -> None:
            _, kind, key, _, count, *_ = storage
            if type(key) is not str or type(count) is not int or count < 0:
                raise pickle.UnpicklingError("a reference to no storage")
            claimed[key] = count * bytes_of(kind)
            if sum(claimed.values()) > held:
                raise CheckpointError(
                    f"{path}: damaged: expected tensors of at most {held} bytes, found larger ones"
                )

        if SafeReader(file, check, references=6).load() != MAGIC:
            raise CheckpointError(f"{path}: expected a file of torch.save, found another")
        if SafeReader(file, check, references=6).load() != _VERSION:
            raise CheckpointError(f"{path}: expected version {_VERSION} of torch.save's files")
        for _ in range(3):
            SafeReader(file, check, references=6).load()
