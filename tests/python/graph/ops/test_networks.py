"""Whole networks, drawn operator by operator, in C++ against the oracle.

What a single operator cannot show: the planner's reuse of memory, values with several readers,
outputs in the middle, and seams between layouts.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from edgebin.graph.format import write
from edgebin.machine import peak_memory
from graphs.against_oracle import assert_runs_as_oracle
from graphs.networks import networks
from graphs.sketch import Sketch, ascending, network, pixels
from graphs.strategies import Case, product_constants, weights_of


@given(case=networks())
def test_network(case: Case) -> None:
    assert_runs_as_oracle(case.graph, case.images)


def test_residual_network() -> None:
    """Pre-activation blocks as in ResNet: codes feed the convolutions, the shortcut is real."""
    rng = np.random.default_rng(20)
    sketch = Sketch((16, 16, 3))
    weights = weights_of(rng, "s8", 16, 3, 3, 3)
    pad = dict.fromkeys(("pad_top", "pad_left", "pad_bottom", "pad_right"), 1)
    constants = product_constants(rng, weights, "u8", "scale", 3)
    x = sketch.add("conv", sketch.image, constants=constants, **pad)
    for filters in (16, 16, 32, 32, 64):
        channels = sketch.channels(x)
        stride = {"stride_h": 2, "stride_w": 2} if filters != channels else {}
        coded = {"thresholds": ascending(rng, channels, 5000, "f32")}
        codes = sketch.add("quantize", x, constants=coded)
        weights = weights_of(rng, "bit", filters, 3, 3, channels)
        inner = product_constants(rng, weights, "code", "i16", channels)
        y = sketch.add("conv", codes, constants=inner, **pad, **stride)
        weights = weights_of(rng, "bit", filters, 3, 3, filters)
        y = sketch.add(
            "conv", y, constants=product_constants(rng, weights, "code", "scale", 0), **pad
        )
        if stride:
            weights = weights_of(rng, "bit", filters, 1, 1, channels)
            shortcut = product_constants(rng, weights, "code", "scale", 0)
            x = sketch.add("conv", codes, constants=shortcut, **stride)
        x = sketch.add("add", x, y)
    x = sketch.add("adaptive_avg_pool", x, out_h=1, out_w=1)
    weights = weights_of(rng, "s8", 10, 64)
    y = sketch.add("linear", x, constants=product_constants(rng, weights, "f32", "scale", 0))
    y = sketch.add("softmax", y)
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 3, sketch.shape))


PRINT_MEMORY_OF_LOADING = """
import sys
from edgebin import _core
from edgebin.machine import peak_memory

before = peak_memory()
_core.Model(sys.argv[1])
print(peak_memory() - before)
"""


@pytest.mark.skipif(peak_memory() is None, reason="this system does not tell a process's memory")
@pytest.mark.parametrize("shape", [(1 << 20, 1, 1), (1, 1 << 20, 1)])
def test_what_is_prepared_grows_with_the_file_not_with_the_image(
    shape: tuple[int, int, int], tmp_path: Path, python: str
) -> None:
    """Nodes without constants, and with short ones; the arena is not touched before a run."""
    rng = np.random.default_rng(4)
    sketch = Sketch(shape)
    x = sketch.reals(rng)
    for _ in range(10):
        x = sketch.pool("max_pool", x, {"kernel_h": 1, "kernel_w": 1})
        weights = weights_of(rng, "s8", 1, 1, 1, 1)
        constants = product_constants(rng, weights, "u8", "scale", 1)
        first = sketch.add("conv", sketch.image, constants=constants)
        sketch.pool("max_pool", first, {"kernel_h": 1, "kernel_w": 1})
    path = tmp_path / "long.ebn"
    write(network(sketch.graph(x)), path)
    command = [python, "-c", PRINT_MEMORY_OF_LOADING, str(path)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert int(loaded.stdout) < 16 << 20
