"""Small graphs and checks shared by the tests of the exporter."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from edgebin.exporter.capture import capture
from edgebin.exporter.evaluate import evaluate
from edgebin.graph.ir import Graph
from edgebin.graph.preprocessing import Preprocessing

EVEN = Preprocessing((0.5, 0.45, 0.4), (0.25, 0.25, 0.25))
UNEVEN = Preprocessing((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def images(graph: Graph, count: int = 2, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Random images for a graph, (count, H, W, C)."""
    return np.random.default_rng(seed).integers(0, 256, (count, *graph.input_shape), np.uint8)


def captured(model: nn.Module, size: int = 12, preprocessing: Preprocessing = EVEN) -> Graph:
    """A module with lively batch norms, traced at size x size."""
    enliven(model)
    return capture(model, torch.zeros(1, 3, size, size), preprocessing)


def enliven(model: nn.Module, seed: int = 0) -> None:
    """Random batch-norm statistics, some gains negative and one zero, and random biases."""
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            if module.running_mean is None or module.running_var is None:
                continue
            module.running_mean.copy_(torch.randn(module.num_features, generator=generator))
            module.running_var.copy_(torch.rand(module.num_features, generator=generator) + 0.5)
            if module.affine:
                gain = torch.randn(module.num_features, generator=generator)
                gain[0] = 0.0
                module.weight.data.copy_(gain)
                module.bias.data.copy_(torch.randn(module.num_features, generator=generator))


def torch_logits(
    model: nn.Module, batch: npt.NDArray[np.uint8], preprocessing: Preprocessing
) -> npt.NDArray[np.float64]:
    """What PyTorch gives for images (N, H, W, C) in float64, in which it leaves the module."""
    mean, scale = (
        torch.tensor(v).double().reshape(1, -1, 1, 1)
        for v in (preprocessing.mean, preprocessing.scale)
    )
    x = torch.from_numpy(batch).permute(0, 3, 1, 2).contiguous().double()
    with torch.no_grad():
        logits: npt.NDArray[np.float64] = model.double().eval()((x / 255 - mean) / scale).numpy()
    return logits


def outputs(graph: Graph, batch: npt.NDArray[np.uint8]) -> list[Tensor]:
    """The graph's outputs in float64, (N, C, H, W) each."""
    values = evaluate(graph, batch)
    return [values[name] for name in graph.outputs]


def same_reals(before: Graph, after: Graph, tolerance: float = 1e-9) -> bool:
    """Whether two graphs compute the same outputs, to a tolerance of the largest."""
    batch = images(before)
    for old, new in zip(outputs(before, batch), outputs(after, batch), strict=True):
        if not float((old - new).abs().max()) <= tolerance * max(1.0, float(old.abs().max())):
            return False
    return True


def ops(graph: Graph) -> list[str]:
    """The operators in order."""
    return [node.op for node in graph.nodes]
