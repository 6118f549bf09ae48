"""Float baselines of edgebin's networks: what a user without binary networks would deploy.

Same images, channels, kernels, strides and shortcuts as `edgebin.nn.networks`, with real weights
and ReLU. Every convolution is directly followed by its batch norm, so that the tools of a peer can
fold it; edgebin's order (pool or sum before the norm) would leave the peers work that their users
do not have. Weights are random, and one batch of random images sets the norms, so that activations
keep their range through all layers. Nothing here depends on a peer.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.nn.networks import build
from edgebin.sources import calibrate
from runtimes.peer import normalised
from suite import NETWORKS

_CALIBRATION_PIXELS = 4 * 224 * 224
_CALIBRATION_IMAGES = 8


def float_baseline(name: str) -> nn.Module:
    """Return the float baseline of a network, in evaluation mode; the same at every call.

    Args:
        name: a key of `suite.NETWORKS`.

    Raises:
        AssertionError: its weights do not have the shapes of edgebin's network.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = _BASELINES[name]()
        side = NETWORKS[name].side
        calibrate(model, torch.randn(max(4, _CALIBRATION_PIXELS // side**2), 3, side, side))
        assert _shapes(model) == _shapes(build(name)), f"{name}: the baseline has other weights"
    return model.eval()


def example(name: str) -> Tensor:
    """Return an input image of the network: float32 (1, 3, side, side)."""
    side = NETWORKS[name].side
    return torch.zeros(1, 3, side, side)


def logits(name: str) -> npt.NDArray[np.float64]:
    """Return the logits of the baseline for the image that all peers get."""
    image = torch.from_numpy(normalised(*example(name).shape))
    with torch.inference_mode():
        found: npt.NDArray[np.float64] = float_baseline(name)(image)[0].double().numpy()
    return found


def macs(name: str) -> int:
    """Count the multiply-accumulates of one image, in convolutions and dense layers."""
    counts: list[int] = []

    def note(layer: nn.Module, _: object, out: Tensor) -> None:
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        counts.append(layer.weight[0].numel() * out.numel())

    model = float_baseline(name)
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(note)
    with torch.inference_mode():
        model(example(name))
    return sum(counts)


def calibration(name: str) -> list[npt.NDArray[np.float32]]:
    """Return random images, each float32 (1, 3, side, side), for peers that quantize."""
    shape = tuple(example(name).shape)
    random = np.random.default_rng(1)
    return [random.standard_normal(shape).astype(np.float32) for _ in range(_CALIBRATION_IMAGES)]


def _shapes(model: nn.Module) -> Counter[torch.Size]:
    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    return Counter(layer.weight.shape for layer in layers)


def _conv(
    before: int, out: int, kernel: int, stride: int = 1, padding: int | None = None
) -> nn.Sequential:
    """Convolution -> batch norm."""
    pad = kernel // 2 if padding is None else padding
    conv = nn.Conv2d(before, out, kernel, stride=stride, padding=pad, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out))


def _vgg_small() -> nn.Module:
    widths = [(3, 128), (128, 128), (128, 256), (256, 256), (256, 512), (512, 512)]
    layers: list[nn.Module] = []
    for index, (before, out) in enumerate(widths):
        layers += [_conv(before, out, 3), nn.ReLU()]
        if index % 2:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Linear(512 * 4 * 4, NETWORKS["vgg_small"].classes)
    )


def _alexnet() -> nn.Module:
    def linear(before: int) -> nn.Sequential:
        return nn.Sequential(nn.Linear(before, 4096, bias=False), nn.BatchNorm1d(4096), nn.ReLU())

    return nn.Sequential(
        *(_conv(3, 96, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
        *(_conv(96, 256, 5), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
        *(_conv(256, 384, 3), nn.ReLU()),
        *(_conv(384, 384, 3), nn.ReLU()),
        *(_conv(384, 256, 3), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
        *(nn.Flatten(), linear(256 * 6 * 6), linear(4096)),
        nn.Linear(4096, NETWORKS["alexnet"].classes),
    )


class _PoolTwice(nn.Module):
    """ResNet-20's shortcut without parameters: 2x2 average, then the channels twice."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, 2 C, H / 2, W / 2)."""
        x = F.avg_pool2d(x, 2)
        return torch.cat([x, x], 1)


class _Block(nn.Module):
    """Two 3x3 convolutions and a shortcut: (N, before, H, W) -> (N, out, H', W')."""

    def __init__(self, before: int, out: int, stride: int, shortcut: nn.Module) -> None:
        super().__init__()
        self.conv1 = _conv(before, out, 3, stride)
        self.conv2 = _conv(out, out, 3)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """ReLU of the sum of both ways."""
        return F.relu(self.conv2(F.relu(self.conv1(x))) + self.shortcut(x))


def _stages(widths: tuple[int, ...], blocks: int, *, projection: bool) -> list[nn.Module]:
    layers: list[nn.Module] = []
    before = widths[0]
    for stage, out in enumerate(widths):
        for index in range(blocks):
            halves = stage > 0 and index == 0
            shortcut: nn.Module = nn.Identity()
            if halves:
                shortcut = _conv(before, out, 1, 2) if projection else _PoolTwice()
            layers.append(_Block(before, out, 2 if halves else 1, shortcut))
            before = out
    return layers


def _head(features: int, classes: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, classes)]


def _resnet18() -> nn.Module:
    stem = [_conv(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1)]
    stages = _stages((64, 128, 256, 512), 2, projection=True)
    return nn.Sequential(*stem, *stages, *_head(512, NETWORKS["resnet18"].classes))


def _resnet20() -> nn.Module:
    stages = _stages((16, 32, 64), 3, projection=False)
    return nn.Sequential(
        _conv(3, 16, 3), nn.ReLU(), *stages, *_head(64, NETWORKS["resnet20"].classes)
    )


_BASELINES = {
    "resnet18": _resnet18,
    "vgg_small": _vgg_small,
    "alexnet": _alexnet,
    "resnet20": _resnet20,
}
