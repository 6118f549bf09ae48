"""Small networks of the blocks that mobile backbones are made of, in plain PyTorch."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIDE = 24
CLASSES = 6


class Gate(nn.Module):
    """Squeeze and excitation: a factor for each channel, from the means of all channels."""

    def __init__(self, channels: int, scores: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.down = nn.Conv2d(channels, channels // 4, 1)
        self.up = nn.Conv2d(channels // 4, channels, 1)
        self.scores = scores

    def forward(self, x: Tensor) -> Tensor:
        """Return x times its factors."""
        scale = F.relu(self.down(F.adaptive_avg_pool2d(x, 1)))
        return self.scores(self.up(scale)) * x


class InvertedResidual(nn.Module):
    """Expand, depthwise, gate, project, as in MobileNetV3 and EfficientNet."""

    def __init__(
        self, channels: int, stride: int, activation: type[nn.Module], gate: nn.Module
    ) -> None:
        super().__init__()
        wide = 3 * channels
        self.expand = nn.Sequential(
            nn.Conv2d(channels, wide, 1, bias=False), nn.BatchNorm2d(wide), activation()
        )
        self.spread = nn.Sequential(
            nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            activation(),
        )
        self.gate = gate
        self.project = nn.Sequential(
            nn.Conv2d(wide, channels, 1, bias=False), nn.BatchNorm2d(channels)
        )
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Return the residual sum where the size stays."""
        y: Tensor = self.project(self.gate(self.spread(self.expand(x))))
        return x + y if self.stride == 1 else y


def _backbone(activation: type[nn.Module], scores: Callable[[Tensor], Tensor]) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1, bias=False),
        nn.BatchNorm2d(8),
        activation(),
        InvertedResidual(8, 1, activation, Gate(24, scores)),
        InvertedResidual(8, 2, activation, Gate(24, scores)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 12),
        activation(),
        nn.Linear(12, CLASSES),
    )


def mobilenet_v3_like() -> nn.Module:
    """Hard swish, and gates of hard sigmoids."""
    return _backbone(nn.Hardswish, F.hardsigmoid)


def efficientnet_like() -> nn.Module:
    """SiLU, and gates of sigmoids."""
    return _backbone(nn.SiLU, torch.sigmoid)


class Attended(nn.Module):
    """Channel and pixel attention (CBAM), with a group norm and GELU before it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.GroupNorm(2, 8), nn.GELU())
        self.gate = Gate(8, torch.sigmoid)
        self.pixels = nn.Conv2d(2, 1, 3, padding=1)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        x = self.gate(self.stem(x))
        maps = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        x = x * torch.sigmoid(self.pixels(maps))
        logits: Tensor = self.head(x.mean((2, 3)))
        return logits


GATED: dict[str, Callable[[], nn.Module]] = {
    "mobilenet_v3": mobilenet_v3_like,
    "efficientnet": efficientnet_like,
    "attention": Attended,
}
