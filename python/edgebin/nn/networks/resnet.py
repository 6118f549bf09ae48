"""Pre-activation residual networks: ResNet-20 for small images, ResNet-18 for large ones.

A block is batch norm -> HWGQ -> binary convolution, twice, added to a shortcut that carries real
values (He et al., "Identity Mappings in Deep Residual Networks", arXiv 1603.05027; HWGQ, arXiv
1702.00953). Where a stage halves the image and doubles the channels, ResNet-18 has a binary 1x1
convolution of the block's quantised input, and ResNet-20 a 2x2 average pool whose channels are
joined with themselves, without parameters. ResNet-18's 1x1 convolution has real weights only where
all have (`weights` is float32).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.networks.parts import Style, msra_init, scaled


class PoolShortcut(nn.Module):
    """(N, C, H, W) -> (N, 2 C, H / 2, W / 2): average pool, then the channels twice."""

    def forward(self, x: Tensor) -> Tensor:
        """Map real values to real values; H and W must be even."""
        x = F.avg_pool2d(x, 2)
        return torch.cat([x, x], 1)


class Block(nn.Module):
    """Two binary 3x3 convolutions and a shortcut: (N, channels, H, W) -> (N, out, H', W').

    Args:
        channels: of the input.
        out: of the output; at stride 1 as many as of the input.
        stride: 1, or 2 to halve the image.
        projection: at stride 2, a binary 1x1 convolution of the first HWGQ's output (True) or
            `PoolShortcut` of the input (False).
        style: of the layers.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        stride: int,
        *,
        style: Style,
        projection: bool,
    ) -> None:
        """Make the layers."""
        super().__init__()
        self.norm1 = style.norm2d(channels)
        self.act1 = style.act()
        self.conv1 = style.conv(channels, out, 3, stride=stride)
        self.norm2 = style.norm2d(out)
        self.act2 = style.act()
        self.conv2 = style.conv(out, out, 3)
        self.projects = False
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 and projection:
            self.projects = True
            self.shortcut = style.conv(channels, out, 1, stride=stride)
        elif stride != 1:
            self.shortcut = PoolShortcut()

    def forward(self, x: Tensor) -> Tensor:
        """Return the residual stream after this block, real values."""
        levels = self.act1(self.norm1(x))
        y: Tensor = self.conv2(self.act2(self.norm2(self.conv1(levels))))
        kept: Tensor = self.shortcut(levels if self.projects else x)
        return kept + y


class PreActResNet(nn.Module):
    """Stem, stages of blocks, batch norm -> ReLU -> global average -> linear.

    Args:
        stem: everything before the first block, (N, 3, S, S) -> (N, channels[0], S', S').
        channels: of each stage; every stage but the first begins by halving the image.
        blocks: in each stage.
        projection: kind of shortcut where the image is halved, see `Block`.
        num_classes: number of logits.
        style: of the layers.
    """

    def __init__(
        self,
        stem: nn.Module,
        channels: Sequence[int],
        blocks: int,
        *,
        style: Style,
        projection: bool,
        num_classes: int,
    ) -> None:
        """Make and initialise the layers behind the stem."""
        super().__init__()
        self.stem = stem
        self.stages = len(channels)
        before = channels[0]
        for stage, out in enumerate(channels):
            layer = []
            for index in range(blocks):
                stride = 2 if stage > 0 and index == 0 else 1
                layer.append(Block(before, out, stride, style=style, projection=projection))
                before = out
            self.add_module(f"layer{stage + 1}", nn.Sequential(*layer))
        self.norm = style.norm2d(before)
        self.relu = nn.ReLU()
        self.head = style.head(before, num_classes)
        msra_init(self)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, 3, S, S), float."""
        x = self.stem(x)
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        x = F.adaptive_avg_pool2d(self.relu(self.norm(x)), 1)
        logits: Tensor = self.head(x.flatten(1))
        return logits


def resnet20(
    *,
    num_classes: int = 10,
    input_size: int = 32,
    width: float = 1.0,
    style: Style,
) -> nn.Module:
    """Build ResNet-20 for images (N, 3, input_size, input_size); options as in `networks.build`.

    The stages have c, 2 c and 4 c channels, c = 16 * width rounded.

    Raises:
        OptionError: input_size no multiple of 4.
    """
    if input_size < 4 or input_size % 4:
        raise OptionError(f"resnet20 input_size: expected a multiple of 4, found {input_size}")
    base = scaled(16, width)
    return PreActResNet(
        style.stem(base, 3, stride=1, padding=1),
        (base, 2 * base, 4 * base),
        3,
        style=style,
        projection=False,
        num_classes=num_classes,
    )


class LargeStem(nn.Sequential):
    """7x7 convolution of stride 2, then 3x3 max pool of stride 2: `stem.conv`, `stem.pool`."""

    def __init__(self, out: int, style: Style) -> None:
        """Make the two layers."""
        super().__init__()
        self.conv = style.stem(out, 7, stride=2, padding=3)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)


def resnet18(
    *,
    num_classes: int = 1000,
    input_size: int = 224,
    width: float = 1.0,
    style: Style,
) -> nn.Module:
    """Build ResNet-18 for images (N, 3, input_size, input_size); options as in `networks.build`.

    Its shape fits any input_size; it is part of the options so that a checkpoint knows it.

    Raises:
        OptionError: input_size under 1.
    """
    if input_size < 1:
        raise OptionError(f"resnet18 input_size: expected at least 1, found {input_size}")
    channels = tuple(scaled(count, width) for count in (64, 128, 256, 512))
    return PreActResNet(
        LargeStem(channels[0], style),
        channels,
        2,
        style=style,
        projection=True,
        num_classes=num_classes,
    )
