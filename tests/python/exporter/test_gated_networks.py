"""Networks with gates: the runtime computes what PyTorch computes, in files of version 3."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import edgebin
from edgebin import _core
from edgebin.exporter import to_network
from edgebin.graph import reference
from edgebin.graph.format import write
from graphs.dialect_graphs import EVEN, enliven, images, torch_logits
from torch_networks.gated_networks import GATED, SIDE


@pytest.mark.parametrize("name", GATED)
def test_networks_with_gates(name: str, tmp_path: Path) -> None:
    torch.manual_seed(7)
    model = GATED[name]()
    enliven(model)
    example = torch.zeros(1, 3, SIDE, SIDE)
    network = to_network(model, example, preprocessing=EVEN, first="float32", last="float32")
    path = tmp_path / "gated.ebn"
    write(network, path)
    assert path.read_bytes()[8] == 3
    batch = images(network.graph, 3, seed=5)
    exact = torch_logits(model, batch, EVEN)
    expected = reference.run(network.graph, batch)[0]
    np.testing.assert_allclose(
        expected.reshape(exact.shape), exact, rtol=0, atol=1e-5 * np.abs(exact).max()
    )
    for isa in _core.isas():
        for threads in (1, 3):
            found = edgebin.load(path, isa=isa, threads=threads).run(batch)
            np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32), isa)
