"""Whole networks: PyTorch, every stage in float64, the oracle and the runtime agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import edgebin
from edgebin import _core
from edgebin.exporter import EndWeights, to_network
from edgebin.graph import reference
from edgebin.graph.format import write
from edgebin.graph.ir import Network
from edgebin.sources import Source, untrained
from graphs.dialect_graphs import enliven, images, outputs, torch_logits

SMALL = {
    "resnet20": {"width": 0.5, "affine": True},
    "vgg_small": {"width": 0.25},
    "resnet18": {"width": 0.25, "input_size": 64, "num_classes": 10},
    "alexnet": {"width": 0.125, "input_size": 96, "num_classes": 10},
}


def _network(source: Source, kind: str) -> Network:
    weights: EndWeights = "float32" if kind == "float32" else "int8"
    return to_network(
        source.model,
        source.example,
        preprocessing=source.preprocessing,
        labels=source.labels,
        name=source.name,
        first=weights,
        last=weights,
    )


@pytest.mark.parametrize("kind", ["int8", "float32", "binary"])
@pytest.mark.parametrize("name", SMALL)
def test_small_networks(name: str, kind: str, tmp_path: Path) -> None:
    source = untrained(name, 3, first=kind, last=kind, **SMALL[name])
    enliven(source.model)
    _check(source, kind, tmp_path, count=4)


@pytest.mark.parametrize("name", SMALL)
def test_activations_rounded_to_the_nearest_level(name: str, tmp_path: Path) -> None:
    source = untrained(name, 4, first="int8", last="int8", thresholds="nearest", **SMALL[name])
    enliven(source.model)
    _check(source, "int8", tmp_path, count=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vgg_small", "resnet18", "alexnet"])
def test_untrained_networks_at_full_size(name: str, tmp_path: Path) -> None:
    _check(untrained(name, 0, first="int8", last="int8"), "int8", tmp_path, count=1)


def _check(source: Source, kind: str, folder: Path, count: int) -> None:
    network = _network(source, kind)
    batch = images(network.graph, count, seed=5)
    exact = torch_logits(source.model, batch, source.preprocessing)
    tolerance = 1e-5 * np.abs(exact).max()
    # The passes keep what PyTorch computes; only float32 constants are rounded.
    ideal = outputs(network.graph, batch)[0].numpy().reshape(exact.shape)
    np.testing.assert_allclose(ideal, exact, rtol=0, atol=tolerance)
    # The runtime is the oracle, bit for bit.
    path = folder / "network.ebn"
    write(network, path)
    expected = reference.run(network.graph, batch)[0]
    for isa in _core.isas():
        found = edgebin.load(path, isa=isa).run(batch)
        np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32), isa)
    # Float32 rounding may move a code that lies on its threshold, hence no closer than this.
    np.testing.assert_allclose(expected, exact, rtol=0, atol=0.02 * np.abs(exact).max())
    assert (expected.argmax(1) == exact.argmax(1)).all()
