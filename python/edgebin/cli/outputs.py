"""The file that `edgebin run --output` writes: what the network computes of each image."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from edgebin.cli.terminal.interrupt import when_interrupted_of
from edgebin.cli.usage.tensors import read_inputs
from edgebin.errors import OptionError
from edgebin.files.atomic_write import write_whole
from edgebin.runtime.model import Model

Arrays = Mapping[str, npt.NDArray[np.float32]]


def write_outputs(
    model: Model, images: Sequence[str], path: Path, *, inputs: Sequence[str] = ()
) -> None:
    """Run images one by one, or tensors, and write all outputs, whole or not at all.

    Args:
        model: any network.
        images: paths.
        path: `NAME.npz` holds an array (images, ...) for each output, by its name; `NAME.npy` the
            array of a network's only output; any other file float32 in this machine's byte order,
            image after image, as edgebin-run writes it.
        inputs: NAME=FILE for each input, in the place of images.

    Raises:
        InputError: an image or a file cannot be read.
        OptionError: the file cannot be written, or an input is missing.
    """
    if path.suffix.lower() == ".npy" and len(model.outputs) > 1:
        raise OptionError(
            f'--output: expected NAME.npz for {len(model.outputs)} outputs, found "{path}"'
        )
    when_interrupted_of(path)
    if inputs:
        whole = model.run_outputs(read_inputs(inputs, model.inputs))
        count = len(next(iter(whole.values())))
        results = [{name: x[i : i + 1] for name, x in whole.items()} for i in range(count)]
    else:
        results = [model.run_outputs(model.prepare(image)) for image in images]

    def write(file: IO[bytes]) -> None:
        if path.suffix.lower() == ".npz":
            _write_npz(file, results)
        elif path.suffix.lower() == ".npy":
            values = np.concatenate([next(iter(outputs.values())) for outputs in results])
            np.lib.format.write_array(file, values, allow_pickle=False)
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
