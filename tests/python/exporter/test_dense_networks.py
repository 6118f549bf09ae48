"""Networks that resize, slice and shuffle: the runtime computes what PyTorch computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import edgebin
from edgebin import _core
from edgebin.exporter import to_network
from edgebin.graph import reference
from edgebin.graph.format import write
from graphs.dialect_graphs import EVEN, enliven, images
from torch_networks.dense_networks import DENSE

SIDE = 24


def torch_outputs(
    model: nn.Module, batch: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> list[Tensor]:
    """Return each output in float64."""
    mean, scale = (torch.tensor(values).reshape(-1, 1, 1) for values in (EVEN.mean, EVEN.scale))
    x = (torch.from_numpy(batch).permute(0, 3, 1, 2).double() / 255 - mean) / scale
    with torch.no_grad():
        result = model.double()(x)
    return list(result.values()) if isinstance(result, dict) else [result]


@pytest.mark.parametrize("name", DENSE)
def test_networks_that_move_elements(name: str, tmp_path: Path) -> None:
    torch.manual_seed(7)
    model = DENSE[name]().eval()
    enliven(model)
    example = torch.zeros(1, 3, SIDE, SIDE)
    network = to_network(model, example, preprocessing=EVEN, first="float32", last="float32")
    path = tmp_path / "dense.ebn"
    write(network, path)
    assert path.read_bytes()[8] == 3
    batch = images(network.graph, 2, seed=5)
    expected = reference.run(network.graph, batch)
    for ours, exact in zip(expected, torch_outputs(model, batch), strict=True):
        found = np.moveaxis(ours, -1, 1).reshape(exact.shape)
        np.testing.assert_allclose(found, exact, rtol=0, atol=1e-5 * float(exact.abs().max()))
    for isa in _core.isas():
        for threads in (1, 3):
            outputs = edgebin.load(path, isa=isa, threads=threads).run_outputs(batch)
            for found, ours in zip(outputs.values(), expected, strict=True):
                np.testing.assert_array_equal(found.view(np.uint32), ours.view(np.uint32), isa)
