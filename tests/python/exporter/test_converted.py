"""Converted float networks: exported, they run as PyTorch runs them, hidden layers on codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import edgebin
from edgebin.exporter import EndWeights
from edgebin.graph.ir import Graph
from edgebin.graph.ops import infer_types
from graphs.dialect_graphs import images as pixels
from graphs.dialect_graphs import torch_logits
from torch_networks.float_networks import NETWORKS, SIDE, images, train, trained

PREPROCESSING = edgebin.Preprocessing((0.5, 0.45, 0.4), (0.3, 0.3, 0.3))


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("ends", ["float32", "int8"])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_runtime_agrees_with_the_trained_module(
    name: str, ends: EndWeights, tmp_path: Path
) -> None:
    model, (x, _) = trained(name, steps=20), images(160)
    network = edgebin.convert(model, x, first=ends, last=ends).network
    with torch.no_grad():
        taught = model(x)
    train(network, x, taught, loss=F.mse_loss)
    path = tmp_path / "converted.ebn"
    example = torch.zeros(1, 3, SIDE, SIDE)
    held = edgebin.export(
        network, example, path, preprocessing=PREPROCESSING, first=ends, last=ends
    )
    assert held.name == "converted"
    _assert_hidden_layers_read_codes(held.graph)
    batch = pixels(held.graph, 32)
    expected = torch_logits(network, batch, PREPROCESSING)
    found = edgebin.load(path).run(batch)
    # Float32 rounding may move a code that lies on its threshold: a few images may differ.
    errors = np.abs(found - expected).max(axis=1) / np.abs(expected).max()
    assert np.quantile(errors, 0.9) < 1e-4
    assert (found.argmax(1) == expected.argmax(1)).mean() > 0.9


def _assert_hidden_layers_read_codes(graph: Graph) -> None:
    types = infer_types(graph)
    products = [node for node in graph.nodes if node.op in ("conv", "linear")]
    read = [types[node.inputs[0]].dtype for node in products]
    binary = [node.constants["weights"].dtype == np.bool_ for node in products]
    assert read[0] != "code"
    assert all(kind == "code" for kind in read[1:-1])
    assert not binary[0]
    assert not binary[-1]
    assert all(binary[1:-1])
    assert len(binary) > 3


@pytest.mark.parametrize("name", NETWORKS)
def test_activations_alone_export_too(name: str, tmp_path: Path) -> None:
    model, (x, _) = trained(name, steps=5), images(64)
    network = edgebin.convert(model, x, weights="float32").network
    path = tmp_path / "converted.ebn"
    example = torch.zeros(1, 3, SIDE, SIDE)
    held = edgebin.export(network, example, path, first="float32", last="float32")
    batch = pixels(held.graph, 8)
    preprocessing = edgebin.Preprocessing((0.0,) * 3, (1.0,) * 3)
    expected, found = torch_logits(network, batch, preprocessing), edgebin.load(path).run(batch)
    errors = np.abs(found - expected).max(axis=1) / np.abs(expected).max()
    assert np.median(errors) < 1e-4
