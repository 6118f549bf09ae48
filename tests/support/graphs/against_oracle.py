"""Holds the C++ runtime to the oracle, bit for bit, on every instruction set and thread count."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgebin import _core
from edgebin.errors import OptionError
from edgebin.graph.format import write
from edgebin.graph.ir import Array, Graph
from edgebin.graph.ops import OPS, infer_types
from edgebin.graph.reference import run
from graphs.sketch import network

THREADS = (1, 2, 3)
KERNELS = (
    "matrix_tiles",
    "lookup_wide",
    "lookup_narrow",
    "lookup_pairs",
    "bit_serial",
    "u8s8",
    "f32",
    "depthwise",
)


def assert_runs_as_oracle(
    graph: Graph, images: Array | Mapping[str, Array], threads: Sequence[int] = THREADS
) -> None:
    """Write `graph`, run it everywhere, and compare types and every bit of the outputs."""
    given = [images[x.name] for x in graph.inputs] if isinstance(images, Mapping) else images
    expected = run(graph, images)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.ebn"
        write(network(graph), path)
        for isa in _core.isas():
            for count in threads:
                model = _core.Model(str(path), isa=isa, threads=count)
                found = model.run(given)
                assert len(found) == len(expected)
                for name, ours, theirs in zip(graph.outputs, expected, found, strict=True):
                    assert_same_bits(theirs, ours, f"{name} on {isa}, {count} threads")
        assert_same_types(graph, model)


def assert_every_kernel(graph: Graph, images: Array | Mapping[str, Array]) -> None:
    """Write `graph`, and prescribe every kernel to its products in turn where it can serve them."""
    given = [images[x.name] for x in graph.inputs] if isinstance(images, Mapping) else images
    expected = run(graph, images)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.ebn"
        write(network(graph), path)
        products = [node.name for node in graph.nodes if node.op in ("conv", "linear")]
        for isa, kernel in itertools.product(_core.isas(), KERNELS):
            wishes = {name: kernel for name in products if _serves(path, isa, name, kernel)}
            if not wishes:
                continue
            found = _core.Model(str(path), isa, 2, wishes).run(given)
            for name, ours, theirs in zip(graph.outputs, expected, found, strict=True):
                assert_same_bits(theirs, ours, f"{name} on {isa}, {wishes}")


def _serves(path: Path, isa: str, layer: str, kernel: str) -> bool:
    try:
        _core.Model(str(path), isa, 1, {layer: kernel})
    except OptionError:
        return False
    return True


def assert_same_bits(found: Array, expected: npt.NDArray[np.float32], what: str) -> None:
    """Compare two float32 arrays as bits, so that -0 is not +0; all NaNs are one."""
    assert found.dtype == np.float32, what
    assert found.shape == expected.shape, what
    ours, theirs = (
        np.where(np.isnan(x), np.uint32(0x7FC00000), np.ascontiguousarray(x).view(np.uint32))
        for x in (found, expected)
    )
    np.testing.assert_array_equal(ours, theirs, err_msg=what)


def assert_same_types(graph: Graph, model: _core.Model) -> None:
    """Compare what both languages infer: types, shapes and multiply-accumulates."""
    types = infer_types(graph)
    for node, layer in zip(graph.nodes, model.layers, strict=True):
        ours = types[node.name]
        macs = OPS[node.op].macs(node, tuple(types[name] for name in node.inputs))
        assert (layer.dtype, layer.shape, layer.macs) == (ours.dtype, ours.shape, macs), node.name
