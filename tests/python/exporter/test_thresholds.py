"""Networks with given thresholds: what their files hold, and that they run as PyTorch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import edgebin
from edgebin.exporter import to_network
from edgebin.graph.format import version_for
from edgebin.graph.ir import Node
from edgebin.graph.reference import run
from edgebin.nn import BinaryConv2d, BinaryLinear, Int8Conv2d, ThresholdActivation
from graphs.dialect_graphs import EVEN, enliven, images, torch_logits

DOREFA = ThresholdActivation([1 / 6, 1 / 2, 5 / 6], [0, 1 / 3, 2 / 3, 1])
SIGNED = ThresholdActivation([-0.45, -0.15, 0.15], [-0.6, -0.3, 0, 0.3])
TERNARY = ThresholdActivation([-0.5, 0.5], [-1, 0, 1])
BIPOLAR = ThresholdActivation([0], [-1, 1])
WIDE = ThresholdActivation([-0.6, 0, 0.6], [-3, -1, 1, 3])
OWN = ThresholdActivation([[c - 8, c - 4, c - 3] for c in range(8)], [-1, 0, 1, 2])
KINDS = {
    "dorefa": DOREFA,
    "signed": SIGNED,
    "ternary": TERNARY,
    "bipolar": BIPOLAR,
    "wide": WIDE,
    "own": OWN,
}


class Learned(nn.Module):
    """LSQ with a step that is a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Parameter(torch.tensor(0.37))
        self.round = ThresholdActivation([-1.5, -0.5, 0.5], [-2, -1, 0, 1])

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.round(x / self.step) * self.step
        return y


def network(act: nn.Module, padding: int = 1) -> nn.Module:
    """A small network of every kind of reader of codes."""
    torch.manual_seed(4)
    model = nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), act),
        *(BinaryConv2d(8, 8, 3, padding=padding), nn.BatchNorm2d(8), act),
        *(nn.MaxPool2d(2, padding=1), Int8Conv2d(8, 8, 3, padding=padding, groups=2)),
        *(nn.BatchNorm2d(8), act, BinaryConv2d(8, 8, 1, bias=True), nn.BatchNorm2d(8), act),
        *(nn.Flatten(), nn.LazyLinear(4)),
    )
    model(torch.zeros(2, 3, 12, 12))
    enliven(model)
    return model.eval()


def layers(model: nn.Module) -> tuple[int, list[Node]]:
    """The version of a network's file, and its nodes."""
    lowered = to_network(model, torch.zeros(1, 3, 12, 12), preprocessing=EVEN)
    return version_for(lowered), list(lowered.graph.nodes)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("kind", [*KINDS, "learned"])
def test_a_file_runs_as_pytorch(kind: str, padding: int, tmp_path: Path) -> None:
    model = network(Learned() if kind == "learned" else KINDS[kind], padding)
    example = torch.zeros(1, 3, 12, 12)
    written = edgebin.export(
        model,
        example,
        tmp_path / "m.ebn",
        preprocessing=EVEN,
        first="float32",
        last="float32",
        self_test=False,
    )
    batch = images(written.graph, 3)
    found = edgebin.load(tmp_path / "m.ebn").run(batch)
    (oracle,) = run(written.graph, batch)
    assert np.array_equal(found, oracle.reshape(found.shape))
    expected = torch_logits(model, batch, EVEN)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("kind", [*KINDS, "learned"])
@pytest.mark.parametrize("padding", [0, 1])
def test_hidden_layers_read_codes(kind: str, padding: int) -> None:
    version, nodes = layers(network(Learned() if kind == "learned" else KINDS[kind], padding))
    by_name = {node.name: node for node in nodes}
    for node in [node for node in nodes if node.op in ("conv", "linear")][1:]:
        coded = by_name[node.inputs[0]].op in ("quantize", "conv", "max_pool", "flatten")
        assert coded is (kind == "dorefa" or "pad_top" not in node.attributes)
    assert version == 2


def test_without_padding_sums_become_codes_by_integers() -> None:
    """Nothing of a file of version 3 is needed."""
    version, nodes = layers(network(BIPOLAR, 0))
    assert version == 2
    assert sum("thresholds" in node.constants and node.op == "conv" for node in nodes) == 2


def test_thresholds_that_no_longer_ascend_are_refused() -> None:
    act = ThresholdActivation([0, 1])
    act.thresholds.copy_(act.thresholds.flip(1))
    with pytest.raises(edgebin.ExportError, match="found thresholds that do not ascend"):
        layers(nn.Sequential(nn.Conv2d(3, 8, 3), act, BinaryConv2d(8, 4, 1)))


def test_per_channel_thresholds_follow_flattened_channels() -> None:
    rows = torch.randn(8 * 16, 3, generator=torch.Generator().manual_seed(1)).sort(1).values
    torch.manual_seed(2)
    model = nn.Sequential(
        *(nn.Conv2d(3, 8, 9), nn.Flatten(), ThresholdActivation(rows, [-1, 0, 1, 2])),
        BinaryLinear(128, 5),
    ).eval()
    lowered = to_network(
        model, torch.zeros(1, 3, 12, 12), preprocessing=EVEN, first="float32", last="float32"
    )
    batch = images(lowered.graph)
    (found,) = run(lowered.graph, batch)
    expected = torch_logits(model, batch, EVEN)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, atol=1e-4)
