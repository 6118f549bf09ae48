"""Small networks that resize, slice and shuffle: segmentation, detection, super resolution."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def layer(
    inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1
) -> nn.Module:
    """Return a convolution with a batch norm and a ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class UNet(nn.Module):
    """Two levels; one is joined by a transposed convolution, one by a bilinear resize."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third = layer(3, 6), layer(6, 8), layer(8, 10)
        self.up = nn.ConvTranspose2d(10, 8, 2, 2)
        self.join, self.last = layer(16, 8), layer(14, 6)
        self.head = nn.Conv2d(6, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores of four classes for each pixel."""
        first = self.first(x)
        second = self.second(F.max_pool2d(first, 2))
        third = self.third(F.max_pool2d(second, 2))
        y = self.join(torch.cat([self.up(third), second], 1))
        y = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=True)
        scores: Tensor = self.head(self.last(torch.cat([y, first], 1)))
        return scores


class ShuffleUnit(nn.Module):
    """ShuffleNetV2's unit: half of the channels pass, then all of them are shuffled."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.branch = nn.Sequential(
            layer(half, half, 1),
            nn.Conv2d(half, half, 3, 1, 1, groups=half, bias=False),
            nn.BatchNorm2d(half),
            layer(half, half, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return as many channels."""
        kept, changed = x.chunk(2, dim=1)
        y = torch.cat([kept, self.branch(changed)], 1)
        n, c, h, w = y.shape
        return y.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


def shuffle_net() -> nn.Module:
    """Return two units and a classifier."""
    units = (ShuffleUnit(12), ShuffleUnit(12), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return nn.Sequential(layer(3, 12, stride=2), *units, nn.Linear(12, 5))


class Pyramid(nn.Module):
    """A feature pyramid, each level with a head for boxes and classes."""

    def __init__(self) -> None:
        super().__init__()
        self.levels = nn.ModuleList([layer(3, 8, stride=2), layer(8, 12, stride=2)])
        self.sides = nn.ModuleList([nn.Conv2d(8, 6, 1), nn.Conv2d(12, 6, 1)])
        self.head = nn.Conv2d(6, 9, 3, padding=1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Return boxes (N, 4, H, W) and scores (N, 5, H, W) of the finer level, and of both."""
        fine = self.levels[0](x)
        coarse = self.levels[1](fine)
        top = self.sides[1](coarse)
        below = self.sides[0](fine) + F.interpolate(top, size=fine.shape[2:], mode="nearest")
        boxes, scores = self.head(below).split([4, 5], dim=1)
        return {"boxes": boxes, "scores": scores.sigmoid(), "coarse": self.head(top)}


class Boxes(nn.Module):
    """Two anchors at each position of two levels, as YOLO's heads list them."""

    def __init__(self) -> None:
        super().__init__()
        self.levels = nn.ModuleList([layer(3, 8, stride=2), layer(8, 8, stride=2)])
        self.heads = nn.ModuleList([nn.Conv2d(8, 14, 1), nn.Conv2d(8, 14, 1)])

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, boxes, 7)."""
        found = []
        for level, head in zip(self.levels, self.heads, strict=True):
            x = level(x)
            y = head(x)
            n, _, h, w = y.shape
            found.append(y.view(n, 2, 7, h, w).permute(0, 1, 3, 4, 2).reshape(n, -1, 7))
        return torch.cat(found, 1).sigmoid()


class ConvNextBlock(nn.Module):
    """A depthwise convolution, then two linear layers whose channels come last."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.spread = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.up, self.down = nn.Linear(channels, 4 * channels), nn.Linear(4 * channels, channels)
        self.gamma = nn.Parameter(torch.linspace(-1, 1, channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return the residual sum."""
        y = self.norm(self.spread(x).permute(0, 2, 3, 1))
        y = self.gamma * self.down(F.gelu(self.up(y)))
        result: Tensor = x + y.permute(0, 3, 1, 2)
        return result


def conv_next() -> nn.Module:
    """Return two blocks, a resize and scores for each pixel."""
    blocks = (ConvNextBlock(8), ConvNextBlock(8), nn.Upsample(scale_factor=4, mode="bilinear"))
    return nn.Sequential(nn.Conv2d(3, 8, 4, 4), *blocks, nn.Conv2d(8, 3, 1))


def pixel_shuffle_net() -> nn.Module:
    """Return a network that doubles the size of an image, with reflected borders."""
    return nn.Sequential(
        nn.PixelUnshuffle(2),
        nn.Conv2d(12, 10, 3, padding=1, padding_mode="reflect"),
        nn.PReLU(10),
        nn.Conv2d(10, 48, 3, padding=1),
        nn.PixelShuffle(4),
    )


DENSE: dict[str, Callable[[], nn.Module]] = {
    "u-net": UNet,
    "shuffle net": shuffle_net,
    "pyramid": Pyramid,
    "boxes": Boxes,
    "conv next": conv_next,
    "pixel shuffle": pixel_shuffle_net,
}
