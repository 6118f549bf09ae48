"""Known networks of vision, written out in plain PyTorch: the file computes what PyTorch does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn

import edgebin
from edgebin.graph.ops import infer_types
from graphs.dialect_graphs import EVEN, enliven
from torch_networks.scene_networks import SCENES
from torch_networks.vision_networks import BACKBONES

Batch = npt.NDArray[np.uint8]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def trained_like(model: nn.Module, side: int) -> nn.Module:
    """Return the network in evaluation mode, its batch norms with the statistics of some images."""
    torch.manual_seed(3)
    enliven(model)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5)
            module.momentum = None  # the average of all batches
            module.reset_running_stats()
    with torch.no_grad():
        model.train()(torch.randn(4, 3, side, side))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_var is not None:
            module.running_var.clamp_(min=0.2)  # of a dead channel: it would amplify rounding
    return model.eval()


def torch_outputs(model: nn.Module, batch: Batch) -> list[Tensor]:
    mean, scale = (torch.tensor(x).reshape(-1, 1, 1) for x in (EVEN.mean, EVEN.scale))
    x = (torch.from_numpy(batch).permute(0, 3, 1, 2).double() / 255 - mean) / scale
    with torch.no_grad():
        found = model.double()(x)
    if isinstance(found, dict):
        return list(found.values())
    return list(found) if isinstance(found, tuple) else [found]


def compare(model: nn.Module, side: int, path: Path) -> None:
    """Export the network with float32 layers and compare every output with PyTorch in float64."""
    example = torch.zeros(1, 3, side, side)
    edgebin.export(
        *(model, example, path),
        preprocessing=EVEN,
        first="float32",
        last="float32",
        self_test=False,
    )
    batch = np.random.default_rng(5).integers(0, 256, (1, side, side, 3), np.uint8)
    found = edgebin.load(path).run_outputs(batch)
    for ours, exact in zip(found.values(), torch_outputs(model, batch), strict=True):
        outputs = np.moveaxis(ours, -1, 1).reshape(exact.shape)
        np.testing.assert_allclose(outputs, exact, rtol=0, atol=1e-5 * float(exact.abs().max()))


@pytest.mark.filterwarnings("ignore::edgebin.ExportWarning")
@pytest.mark.parametrize("name", ["MobileNetV3"])  # has most of what the others have
def test_narrow_backbones(name: str, tmp_path: Path) -> None:
    compare(trained_like(BACKBONES[name](0.1), 64), 64, tmp_path / "backbone.ebn")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::edgebin.ExportWarning")
@pytest.mark.parametrize("name", BACKBONES)
def test_backbones_at_224(name: str, tmp_path: Path) -> None:
    compare(trained_like(BACKBONES[name](1.0), 64), 224, tmp_path / "backbone.ebn")


@pytest.mark.filterwarnings("ignore::edgebin.ExportWarning")
@pytest.mark.parametrize("name", ["U-Net", "FPN"])  # all of them are slow
def test_narrow_dense_networks(name: str, tmp_path: Path) -> None:
    make, _ = SCENES[name]
    compare(trained_like(make(4, 64), 64), 64, tmp_path / "scene.ebn")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::edgebin.ExportWarning")
@pytest.mark.parametrize("name", SCENES)
def test_dense_networks(name: str, tmp_path: Path) -> None:
    make, side = SCENES[name]
    compare(trained_like(make(16, side), side), side, tmp_path / "scene.ebn")


def narrow(name: str) -> nn.Module:
    """Return a network whose layers are a few channels wide."""
    return BACKBONES[name](0.1) if name in BACKBONES else SCENES[name][0](4, 64)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MobileNetV2", "ShuffleNetV2", "U-Net", "FPN"])
def test_binary_networks(name: str, tmp_path: Path) -> None:
    model = trained_like(narrow(name), 64)
    network = edgebin.convert(model, torch.randn(32, 3, 64, 64)).network
    path = tmp_path / "binary.ebn"
    ends: dict[str, Any] = {"first": "float32", "last": "float32", "self_test": False}
    held = edgebin.export(network, torch.zeros(1, 3, 64, 64), path, preprocessing=EVEN, **ends)
    types = infer_types(held.graph)
    products = [node for node in held.graph.nodes if node.op in ("conv", "linear")]
    codes = [node for node in products if types[node.inputs[0]].dtype == "code"]
    assert len(codes) >= len(products) // 4
    batch = np.random.default_rng(5).integers(0, 256, (4, 64, 64, 3), np.uint8)
    found = edgebin.load(path).run_outputs(batch)
    for ours, exact in zip(found.values(), torch_outputs(network, batch), strict=True):
        outputs = np.moveaxis(ours, -1, 1).reshape(exact.shape)
        errors = np.abs(outputs - exact.numpy()) / float(exact.abs().max())
        # A value within float32 rounding of its threshold may become the neighbouring code, and
        # what it reaches then differs.
        assert np.median(errors) < 1e-4
