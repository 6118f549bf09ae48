"""The file that `edgebin run --output` writes: what the network computes of each image."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from edgebin.cli.terminal.interrupt import when_interrupted_of
from edgebin.errors import OptionError
from edgebin.files.atomic_write import write_whole
from edgebin.runtime.model import Model

Arrays = Mapping[str, npt.NDArray[np.float32]]


def check_outputs_name(path: Path, *, as_json: bool) -> None:
    """Check the options before anything is run.

    Raises:
        OptionError: --json is given too, or the suffix is of a format for a single array.
    """
    if as_json:
        raise OptionError("--json and --output: expected one of them, found both")
    if path.suffix.lower() == ".npy":
        raise OptionError(f'--output: expected NAME.npz or a raw file, found "{path}"')


def write_outputs(model: Model, images: Sequence[str], path: Path) -> None:
    """Run images one by one and write all outputs, whole or not at all.

    Args:
        model: any network.
        images: paths.
        path: `NAME.npz` holds an array (images, ...) for each output, by its name; any other file
            holds float32 in this machine's byte order, image after image, as edgebin-run writes it.

    Raises:
        InputError: an image cannot be read.
        OptionError: the file cannot be written.
    """
    when_interrupted_of(path)
    results = [model.run_outputs(model.prepare(image)) for image in images]

    def write(file: IO[bytes]) -> None:
        if path.suffix.lower() == ".npz":
            _write_npz(file, results)
        else:
            for outputs in results:
                for values in outputs.values():
                    file.write(values.tobytes())

    try:
        write_whole(path, write)
    except OSError as error:
        raise OptionError(f'--output: "{path}" cannot be written: {error.strerror}') from None


def _write_npz(file: IO[bytes], results: Sequence[Arrays]) -> None:
    """Write what `numpy.load` reads; `numpy.savez` takes no array of the name "file"."""
    with zipfile.ZipFile(file, "w") as archive:
        for name in results[0]:
            values = np.concatenate([outputs[name] for outputs in results])
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, values, allow_pickle=False)
