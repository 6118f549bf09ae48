"""Networks as their papers have them, in plain PyTorch, of any width: backbones of classifiers."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CLASSES = 10

Make = Callable[[], nn.Module]


def divisible(channels: float) -> int:
    """Return the multiple of 8 near a number of channels, at most a tenth below it."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def conv_norm(
    inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    """Return a convolution of as many positions, over the stride, and its batch norm."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(outputs)]


class SqueezeExcitation(nn.Module):
    """A factor for each channel, from the means of all."""

    def __init__(self, channels: int, squeezed: int, activation: Make, scores: Make) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1, self.fc2 = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)
        self.activation, self.scale_activation = activation(), scores()

    def forward(self, x: Tensor) -> Tensor:
        """Return x times its factors."""
        scale = self.activation(self.fc1(self.avgpool(x)))
        scores: Tensor = self.scale_activation(self.fc2(scale))
        return scores * x


class InvertedResidual(nn.Module):
    """Expand, depthwise, gate, project: the block of MobileNetV2, V3 and EfficientNet."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        wide: int,
        kernel: int,
        stride: int,
        activation: Make,
        gate: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.use_res_connect = stride == 1 and inputs == outputs
        layers: list[nn.Module] = []
        if wide != inputs:
            layers += [*conv_norm(inputs, wide, 1), activation()]
        layers += [*conv_norm(wide, wide, kernel, stride, wide), activation()]
        layers += [] if gate is None else [gate]
        self.conv = nn.Sequential(*layers, *conv_norm(wide, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the residual sum where the shape stays."""
        y: Tensor = self.conv(x)
        return x + y if self.use_res_connect else y


class Classifier(nn.Module):
    """Features, their means over all positions, and a classifier with dropout."""

    def __init__(self, features: nn.Module, classifier: nn.Module) -> None:
        super().__init__()
        self.features, self.classifier = features, classifier

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, classes)."""
        x = F.adaptive_avg_pool2d(self.features(x), (1, 1))
        logits: Tensor = self.classifier(torch.flatten(x, 1))
        return logits


def mobilenet_v2(width: float = 1.0) -> nn.Module:
    """Return MobileNetV2."""
    stages = (
        *((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)),
        *((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)),
    )
    channels = divisible(32 * width)
    layers = [*conv_norm(3, channels, 3, 2), nn.ReLU6(inplace=True)]
    for expansion, base, repeats, first_stride in stages:
        outputs = divisible(base * width)
        for index in range(repeats):
            block = InvertedResidual(
                channels,
                outputs,
                wide=channels * expansion,
                kernel=3,
                stride=first_stride if index == 0 else 1,
                activation=nn.ReLU6,
            )
            layers.append(block)
            channels = outputs
    last = divisible(1280 * max(1.0, width)) if width >= 1 else divisible(1280 * width)
    layers += [*conv_norm(channels, last, 1), nn.ReLU6(inplace=True)]
    head = nn.Sequential(nn.Dropout(0.2), nn.Linear(last, CLASSES))
    return Classifier(nn.Sequential(*layers), head)


def mobilenet_v3(width: float = 1.0) -> nn.Module:
    """Return MobileNetV3-Small."""
    # kernel, expanded, outputs, gate, hard swish, stride
    blocks = (
        (3, 16, 16, True, False, 2),
        (3, 72, 24, False, False, 2),
        (3, 88, 24, False, False, 1),
        (5, 96, 40, True, True, 2),
        (5, 240, 40, True, True, 1),
        (5, 240, 40, True, True, 1),
        (5, 120, 48, True, True, 1),
        (5, 144, 48, True, True, 1),
        (5, 288, 96, True, True, 2),
        (5, 576, 96, True, True, 1),
        (5, 576, 96, True, True, 1),
    )
    channels = divisible(16 * width)
    layers = [*conv_norm(3, channels, 3, 2), nn.Hardswish()]
    for kernel, expanded, base, gated, swish, stride in blocks:
        wide, outputs = divisible(expanded * width), divisible(base * width)
        squeezed = divisible(wide // 4)
        gate = SqueezeExcitation(wide, squeezed, nn.ReLU, nn.Hardsigmoid) if gated else None
        block = InvertedResidual(
            channels,
            outputs,
            wide=wide,
            kernel=kernel,
            stride=stride,
            activation=nn.Hardswish if swish else nn.ReLU,
            gate=gate,
        )
        layers.append(block)
        channels = outputs
    last, hidden = 6 * channels, divisible(1024 * width)
    layers += [*conv_norm(channels, last, 1), nn.Hardswish()]
    head = nn.Sequential(
        nn.Linear(last, hidden), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(hidden, CLASSES)
    )
    return Classifier(nn.Sequential(*layers), head)


def efficient_net(width: float = 1.0) -> nn.Module:
    """Return EfficientNet-B0."""
    # expansion, kernel, stride, outputs, repeats
    stages = (
        *((1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3)),
        *((6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)),
    )
    channels = divisible(32 * width)
    layers = [*conv_norm(3, channels, 3, 2), nn.SiLU(inplace=True)]
    for expansion, kernel, first_stride, base, repeats in stages:
        outputs = divisible(base * width)
        for index in range(repeats):
            wide = channels * expansion
            block = InvertedResidual(
                channels,
                outputs,
                wide=wide,
                kernel=kernel,
                stride=first_stride if index == 0 else 1,
                activation=nn.SiLU,
                gate=SqueezeExcitation(wide, max(1, channels // 4), nn.SiLU, nn.Sigmoid),
            )
            layers.append(block)
            channels = outputs
    layers += [*conv_norm(channels, 4 * channels, 1), nn.SiLU(inplace=True)]
    head = nn.Sequential(nn.Dropout(0.2), nn.Linear(4 * channels, CLASSES))
    return Classifier(nn.Sequential(*layers), head)


class ShuffleUnit(nn.Module):
    """Half of the channels pass, or the size is halved in two branches; then all are shuffled."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        half = outputs // 2
        self.stride = stride
        self.branch1 = nn.Sequential()
        if stride == 2:
            spread = conv_norm(inputs, inputs, 3, 2, inputs)
            self.branch1 = nn.Sequential(*spread, *conv_norm(inputs, half, 1), nn.ReLU(True))
        self.branch2 = nn.Sequential(
            *(*conv_norm(inputs if stride == 2 else half, half, 1), nn.ReLU(True)),
            *conv_norm(half, half, 3, stride, half),
            *(*conv_norm(half, half, 1), nn.ReLU(True)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the shuffled channels of both halves."""
        if self.stride == 1:
            kept, changed = x.chunk(2, dim=1)
            x = torch.cat((kept, self.branch2(changed)), dim=1)
        else:
            x = torch.cat((self.branch1(x), self.branch2(x)), dim=1)
        batch, channels, height, width = x.size()
        x = x.view(batch, 2, channels // 2, height, width)
        return torch.transpose(x, 1, 2).contiguous().view(batch, channels, height, width)


class ShuffleNetV2(nn.Module):
    """ShuffleNetV2, of width 1.0 by default."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        first, last = divisible(24 * width), divisible(1024 * width)
        self.conv1 = nn.Sequential(*conv_norm(3, first, 3, 2), nn.ReLU(inplace=True))
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        channels, stages = first, []
        for repeats, base in ((4, 116), (8, 232), (4, 464)):
            outputs = int(base * width) // 2 * 2
            units = [ShuffleUnit(channels, outputs, 2)]
            units += [ShuffleUnit(outputs, outputs, 1) for _ in range(repeats - 1)]
            stages.append(nn.Sequential(*units))
            channels = outputs
        self.stage2, self.stage3, self.stage4 = stages
        self.conv5 = nn.Sequential(*conv_norm(channels, last, 1), nn.ReLU(inplace=True))
        self.fc = nn.Linear(last, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, classes)."""
        x = self.maxpool(self.conv1(x))
        x = self.conv5(self.stage4(self.stage3(self.stage2(x))))
        logits: Tensor = self.fc(x.mean([2, 3]))
        return logits


BACKBONES: dict[str, Callable[[float], nn.Module]] = {
    "MobileNetV2": mobilenet_v2,
    "MobileNetV3": mobilenet_v3,
    "EfficientNet": efficient_net,
    "ShuffleNetV2": ShuffleNetV2,
}
