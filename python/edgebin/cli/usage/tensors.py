"""Files that `edgebin run --input` names: tensors, raw or as `.npy`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from edgebin.errors import InputError, OptionError, first_line
from edgebin.files.safe_open import open_ordinary
from edgebin.runtime.tensors import TensorInfo

_LARGEST = 2**32
"""Bytes of a file that are read."""


def read_inputs(
    given: Sequence[str], inputs: Sequence[TensorInfo]
) -> dict[str, npt.NDArray[np.generic]]:
    """Return an array (images, height, width, channels) for each input of a network.

    Args:
        given: NAME=FILE for each. A file holds the elements of one or more images in this machine's
            byte order, or an array, if its name ends in .npy.
        inputs: of the network.

    Raises:
        OptionError: an input is missing, unknown or there twice.
        InputError: a file cannot be read, or holds another type or size.
    """
    files: dict[str, str] = {}
    known = {info.name: info for info in inputs}
    for text in given:
        name, equals, file = text.partition("=")
        if not equals:
            raise OptionError(f'--input: expected NAME=FILE, found "{text}"')
        if name not in known:
            names = ", ".join(f'"{each}"' for each in known)
            raise OptionError(f'--input: expected one of {names}, found "{name}"')
        if name in files:
            raise OptionError(f'--input: expected "{name}" once, found it twice')
        files[name] = file
    for name in known:
        if name not in files:
            raise OptionError(f'--input: expected "{name}", found no file')
    return {name: _read(Path(file), known[name]) for name, file in files.items()}


def _read(path: Path, info: TensorInfo) -> npt.NDArray[np.generic]:
    try:
        with open_ordinary(path) as file:
            if path.suffix.lower() == ".npy":
                _check_header(file, info)
            contents = file.read(_LARGEST)
    except InputError as error:
        raise InputError(f'input "{path}": {error}') from None
    except OSError as error:
        raise InputError(f'input "{path}": {error.strerror}') from None
    except ValueError as error:  # no array of numpy's
        raise InputError(f'input "{path}": {first_line(error)}') from None
    each = np.dtype(info.dtype).itemsize * int(np.prod(info.shape))
    if not contents or len(contents) % each:
        found = len(contents)
        raise InputError(f'input "{path}": expected a multiple of {each} bytes, found {found}')
    return np.frombuffer(contents, info.dtype).reshape(-1, *info.shape)


def _check_header(file: BinaryIO, info: TensorInfo) -> None:
    """Read the header of a `.npy` file; raise InputError for another type or shape.

    What numpy would read behind it is of any size and type that the header says.
    """
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0
    if version != (1, 0):
        read = np.lib.format.read_array_header_2_0
    shape, is_fortran, dtype = read(file)
    if is_fortran or dtype != info.dtype or shape[-3:] != info.shape or len(shape) > 4:
        order = ", in Fortran's order" if is_fortran else ""
        raise InputError(
            f"expected {info.dtype} (N, {', '.join(map(str, info.shape))}), "
            f"found {dtype} {shape}{order}"
        )
