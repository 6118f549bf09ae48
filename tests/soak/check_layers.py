"""Holds layers that `edgebin_layers_test` wrote, with the answers of "scalar", against the oracle.

    EDGEBIN_LAYERS=500 EDGEBIN_LAYERS_WRITTEN=FOLDER \\
        build/release/tests/cpp/layers/edgebin_layers_test
    python tests/soak/check_layers.py FOLDER

Exit code 1 and one line for the first that differs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from edgebin.graph.format import read
from edgebin.graph.reference import run


def differs(model: Path) -> str | None:
    """Return what is wrong with the answers beside a model, or None."""
    graph = read(model).graph
    contents = model.with_suffix(".bin").read_bytes()
    height, width, channels = graph.input_shape
    images = np.frombuffer(contents, np.uint8, 2 * height * width * channels)
    (expected,) = run(graph, images.reshape(2, height, width, channels))
    found = np.frombuffer(contents, np.float32, offset=images.size)
    if found.size != expected.size:
        return f"{found.size} answers, expected {expected.size}"
    same = (found == expected.ravel()) | (np.isnan(found) & np.isnan(expected.ravel()))
    same &= np.signbit(found) == np.signbit(expected.ravel()) | np.isnan(found)
    wrong = np.flatnonzero(~same)
    if not wrong.size:
        return None
    at = wrong[0]
    return f"element {at} is {found[at]}, the oracle has {expected.ravel()[at]}"


def main(folder: Path) -> int:
    """Check every model of the folder; return the exit code."""
    models = sorted(folder.glob("*.ebn"))
    for model in models:
        wrong = differs(model)
        if wrong is not None:
            print(f"{model}: {wrong}")
            return 1
    print(f"{folder}: {len(models)} layers, 0 differences")
    return int(not models)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="what edgebin_layers_test wrote")
    sys.exit(main(parser.parse_args().folder))
