"""What capture makes of each supported call, held against PyTorch in float64."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.errors import ExportError
from edgebin.exporter import dialect
from edgebin.exporter.capture import capture
from edgebin.exporter.check import check_capture
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn import HWGQ, BinaryConv2d, BinaryLinear, Int8Conv2d, Int8Linear, hwgq
from graphs.dialect_graphs import EVEN, UNEVEN, captured, ops


class Of(nn.Module):
    """A module from layers and a function over them, which are named a, b, c ..."""

    def __init__(self, function: Callable[..., object], *layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, layer in zip("abcdef", layers, strict=False):
            self.add_module(name, layer)
        self.layers = len(layers)

    def forward(self, x: Tensor) -> object:
        """Call the function with the layers and the input."""
        return self.function(x, *(self.get_submodule(name) for name in "abcdef"[: self.layers]))


class Times(nn.Module):
    """A factor, so that clips cut something off."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


class Exp(nn.Module):
    """A method, not a layer."""

    def forward(self, x: Tensor) -> Tensor:
        return x.exp()


class Factors(nn.Module):
    """A parameter with a factor for each channel, as in LayerScale."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.linspace(-1, 2, channels).reshape(channels, 1, 1))


class Normalise(nn.Module):
    """(x - mean) / std by a buffer and by a plain tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.mean: Tensor
        self.register_buffer("mean", torch.tensor([0.1, -0.2, 0.3]).view(1, 3, 1, 1))
        self.std = torch.tensor([0.2, 0.3, 0.25]).view(3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


class FrozenBatchNorm2d(nn.Module):
    """As torchvision writes it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(3)
        for name in ("weight", "bias", "running_mean", "running_var"):
            self.register_buffer(name, torch.rand(channels, generator=generator) + 0.1)

    def forward(self, x: Tensor) -> Tensor:
        w, b, mean, var = (buffer.reshape(1, -1, 1, 1) for buffer in self.buffers())
        scale = w * (var + 1e-5).rsqrt()
        return x * scale + (b - mean * scale)


def standard(weight: Tensor) -> Tensor:
    """Weight standardisation."""
    return (weight - weight.mean((1, 2, 3), keepdim=True)) / weight.std((1, 2, 3), keepdim=True)


def pool(x: Tensor) -> Tensor:
    return F.adaptive_avg_pool2d(x, 1)


def vector_layers() -> tuple[nn.Module, nn.Module]:
    return nn.Linear(432, 3), nn.Linear(1, 3)


def shuffled(x: Tensor) -> Tensor:
    """Channel shuffle, as torchvision's ShuffleNet writes it."""
    n, c, h, w = x.size()
    return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, -1, h, w)


def image_layer() -> nn.Module:
    """Eight channels."""
    return nn.Conv2d(3, 8, 3, padding=1)


MOVES: dict[str, nn.Module] = {
    "parts": Of(
        lambda x, a: (
            *(y := a(x)).chunk(3, 1),
            *y.split([3, 5], 1),
            *y.unbind(1)[2:4],
            *torch.tensor_split(y, 5, 2)[:2],
            y[:, 1::2, 2:, ::3],
            y.narrow(3, 1, 5),
            y[:, :, 7],
            y[:, :4].flatten(1)[:, 2:7],
        ),
        image_layer(),
    ),
    "shuffles": Of(
        lambda x, a, b, c: (
            b(shuffled(y := a(x))),
            shuffled(y),
            F.channel_shuffle(y, 4),
            F.pixel_shuffle(y, 2),
            F.pixel_unshuffle(y, 3),
            y.view(-1, 2, 2, 2, 12, 12).permute(0, 3, 4, 1, 5, 2).reshape(-1, 2, 24, 24),
            y.view(-1, 8, 6, 2, 6, 2).permute(0, 5, 3, 1, 2, 4).reshape(-1, 32, 6, 6),
            c(y.permute(0, 2, 3, 1).flatten(1)),
            y[:, [2, 1, 0, 0, 7]],
        ),
        image_layer(),
        nn.Conv2d(8, 4, 1),
        nn.Linear(1152, 3),
    ),
    "channels last": Of(
        lambda x, a, b, c, d: (
            (
                d.bias * c(F.gelu(b(F.layer_norm(x_ := a(x).permute(0, 2, 3, 1), (8,))))) + x_
            ).permute(0, 3, 1, 2),
            F.layer_norm(a(x).flatten(2).mT, (8,)).relu().mT,
        ),
        image_layer(),
        nn.Linear(8, 12),
        nn.Linear(12, 8),
        nn.Linear(2, 8),
    ),
    "turns": Of(
        lambda x, a, b: (
            (y := a(x.flip(1))).flip(3),
            y.flip(1, 2),
            torch.roll(y, (1, 2), (2, 3)),
            torch.rot90(y, 1, (2, 3)),
            y.mT,
            y.permute(0, 2, 3, 1),
            y.flatten(2).transpose(1, 2),
            b(F.relu(y.flatten(2).transpose(1, 2)).transpose(1, 2).reshape(-1, 8, 12, 12)),
            y.reshape(-1, 4, 24, 12),
            y.view(-1, 2, 4, 12, 12),
            y.view(-1, 2, 4, 12, 12).permute(0, 1, 3, 4, 2),
            y.view(-1, 2, 4, 12, 12).permute(0, 1, 3, 4, 2).reshape(-1, 288, 4),
            y.view(-1, 2, 4, 144).mT.flatten(1, 2),
            y.repeat(1, 2, 1, 1),
            y.repeat_interleave(2, 2).repeat_interleave(2, 3),
            pool(y).expand(-1, -1, 5, 7),
        ),
        image_layer(),
        nn.Conv2d(8, 4, 1),
    ),
    "resizes": Of(
        lambda x, a: (
            F.interpolate(y := a(x), scale_factor=2),
            F.interpolate(y, (7, 19)),
            F.interpolate(y, (7, 19), mode="nearest-exact"),
            F.interpolate(y, (7, 19), mode="bilinear"),
            F.interpolate(y, (7, 19), mode="bilinear", align_corners=True),
            F.interpolate(y, scale_factor=(2, 1.5), mode="bilinear"),
            F.interpolate(y, scale_factor=0.5, mode="bilinear"),
            F.interpolate(y, scale_factor=1.3, mode="bilinear", align_corners=True),
            F.interpolate(line := y.mean(2), scale_factor=2),
            F.interpolate(line, 7, mode="linear"),
        ),
        image_layer(),
    ),
    "pads": Of(
        lambda x, a, b: (
            F.pad(y := a(x), (1, 2, 3, 4), value=-1.5),
            F.pad(y, (-1, 2, 3, -4)),
            F.pad(y, (3, 3, 0, 2), mode="reflect"),
            F.pad(y, (3, 0, 0, 0), mode="replicate"),
            nn.CircularPad2d((12, 2, 3, 0))(y),
            F.pad(y.mean(2), (2, 1), mode="reflect"),
            b(F.pad(y, (1, 2, 0, 3))),
        ),
        nn.Conv2d(3, 8, 3, padding=1, padding_mode="circular"),
        nn.Conv2d(8, 4, 3),
    ),
    "transposed strides": Of(
        lambda x, *layers: tuple(layer(x) for layer in layers),
        nn.ConvTranspose2d(3, 4, 2, 2),
        nn.ConvTranspose2d(3, 6, 4, 2, 1, groups=3),
        nn.ConvTranspose2d(3, 4, 3, 3, 0, 2, bias=False),
        nn.ConvTranspose2d(3, 4, 5, 2, 0, 1, dilation=2),
        nn.ConvTranspose2d(3, 4, 2, 4),
        nn.ConvTranspose2d(3, 4, (3, 4), (1, 2), (2, 1), (0, 1)),
    ),
    "transposed lines": Of(
        lambda x, a, b: (a(y := x.mean(2)), b(y)),
        nn.ConvTranspose1d(3, 4, 4, 2, 1),
        nn.ConvTranspose1d(3, 4, 3, dilation=2, output_padding=1),
    ),
}
"""Chains of calls that move elements, resizes, paddings."""

JOINS: dict[str, nn.Module] = {
    "cat of rows": Of(lambda x, a: torch.cat([a(x), F.relu(x)], 2), nn.Conv2d(3, 3, (2, 1))),
    "cat of columns": Of(lambda x: torch.cat([x[..., :5], F.relu(x)], -1)),
    "cat of lines": Of(lambda x: torch.cat([x.flatten(2), F.relu(x)[:, :, :3].flatten(2)], 2)),
    "cat of flattened images": Of(
        lambda x: torch.cat([x.flatten(1), F.relu(x)[:, :, :3].flatten(1)], 1)
    ),
    "stacks": Of(
        lambda x: tuple(torch.stack([x, F.relu(x)], dim).flatten(1) for dim in (1, 2, 3, -1))
    ),
    "stack of vectors": Of(
        lambda x: (torch.stack([x.mean((2, 3)), x.amax((2, 3))], 2), x.mean((2, 3)).relu())
    ),
    "sums of a stack": Of(
        lambda x: (
            (y := torch.stack([x, F.relu(x)], 1)).sum(1),
            y.mean((1, 3), keepdim=True).flatten(2),
            y.amax((2, 4)),
        )
    ),
    "softmax of rows": Of(lambda x: (x.softmax(2), x.flatten(2).softmax(-1))),
    "softmax of branches": Of(lambda x: (torch.stack([x, F.relu(x)], 1).softmax(1) * 3).sum(1)),
    "constants of pixels": Of(
        lambda x, a: (x + a.weight, a.weight - x[:, 1:], F.relu(x) / (a.weight.abs() + 1)),
        nn.Linear(12, 12),
    ),
    "constants of five dimensions": Of(
        lambda x: (
            x.view(1, 3, 1, 12, 12).transpose(1, 4) * torch.arange(12.0).view(1, 12, 1, 1, 1) - 1
        ).flatten(1)
    ),
    "parts of a flattened image": Of(lambda x: F.relu(x.flatten(1)[:, 7:200])),
    "a part regrouped": Of(
        lambda x: (
            F.relu(x.repeat(1, 2, 1, 1).view(1, 2, 3, 12, 12))[:, :, 1:]
            .permute(0, 1, 3, 4, 2)
            .reshape(1, -1, 2)
        )
    ),
}

MODULES: dict[str, nn.Module] = {
    "conv": nn.Conv2d(3, 5, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
    "conv same": nn.Conv2d(3, 4, (3, 5), padding="same", dilation=2, bias=False),
    "conv valid": nn.Conv2d(3, 4, 3, padding="valid"),
    "conv grouped": nn.Sequential(nn.Conv2d(3, 6, 1), nn.Conv2d(6, 9, 3, groups=3)),
    "depthwise": nn.Conv2d(3, 6, 3, groups=3, padding=1),
    "int8 conv": Int8Conv2d(3, 4, 3, padding=1),
    "binary conv": BinaryConv2d(3, 4, 3, stride=2, bias=True),
    "hwgq": nn.Sequential(nn.Conv2d(3, 4, 3), HWGQ()),
    "hwgq nearest": nn.Sequential(nn.Conv2d(3, 4, 3), HWGQ(thresholds="nearest")),
    "batch norm": nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 2, 3)),
    "batch norm plain": nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, affine=False)),
    "linear": nn.Sequential(nn.Flatten(), nn.Linear(3 * 12 * 12, 7), nn.BatchNorm1d(7)),
    "int8 linear": nn.Sequential(nn.Flatten(), Int8Linear(3 * 12 * 12, 7)),
    "binary linear": nn.Sequential(nn.Flatten(), BinaryLinear(3 * 12 * 12, 7)),
    "relu in place": nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True)),
    "max pool": nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(3, 2, 1)),
    "max pool ceil": nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(3, 2, ceil_mode=True)),
    "max pool ceil wide": nn.Sequential(nn.Conv2d(3, 4, 2), nn.MaxPool2d(2, 3, ceil_mode=True)),
    "max pool dilated": nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2, 1, dilation=2)),
    "avg pool": nn.Sequential(nn.Conv2d(3, 4, 3), nn.AvgPool2d(3, 2, 1)),
    "avg pool excluding": nn.AvgPool2d((3, 2), (2, 1), (1, 1), count_include_pad=False),
    "global avg": nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    "adaptive avg even": nn.AdaptiveAvgPool2d((3, 4)),
    "adaptive avg uneven": nn.AdaptiveAvgPool2d((5, 7)),
    "adaptive max": nn.Sequential(nn.Conv2d(3, 4, 2), nn.AdaptiveMaxPool2d((5, 11))),
    "softmax": nn.Sequential(nn.Flatten(), nn.Linear(432, 5), nn.Softmax(dim=1)),
    "dropout": nn.Sequential(nn.Conv2d(3, 4, 3), nn.Dropout(), nn.Identity(), nn.Dropout2d()),
    "mean": Of(lambda x, a: a(x).mean((2, 3)), nn.Conv2d(3, 4, 3)),
    "mean keepdim": Of(lambda x, a: a(x).mean((-1, -2), keepdim=True), nn.Conv2d(3, 4, 3)),
    "add": Of(lambda x, a, b: a(x) + b(x), nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)),
    "add itself": Of(lambda x, a: (y := a(x)) + y, nn.Conv2d(3, 4, 3)),
    "cat": Of(lambda x, a, b: torch.cat([a(x), b(x)], -3), nn.Conv2d(3, 4, 3), nn.Conv2d(3, 2, 3)),
    "view": Of(lambda x, a: a(x.view(x.size(0), -1)), nn.Linear(432, 3)),
    "squeeze": Of(lambda x, a: a(F.adaptive_avg_pool2d(x, 1).squeeze((2, 3))), nn.Linear(3, 3)),
    "add scalar": Of(lambda x, a: a(x) + 1, nn.Conv2d(3, 4, 3)),
    "scaled add": Of(lambda x, a: torch.add(a(x), a(x), alpha=2), nn.Conv2d(3, 4, 3)),
    "difference": Of(lambda x, a, b: a(x) - b(x), nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)),
    "from a scalar": Of(lambda x, a: 1 - a(x) / 3, nn.Conv2d(3, 4, 3)),
    "from a tensor": Of(lambda x, a: a.bias[:, None, None] - a(x), nn.Conv2d(3, 4, 3)),
    "minus": Of(lambda x, a: -a(x), nn.Conv2d(3, 4, 3)),
    "layer scale": Of(lambda x, a, b: a(x) * b.weight, nn.Conv2d(3, 4, 3), Factors(4)),
    "scaled vector": Of(lambda x, a, b: a(x.flatten(1)) * b.bias, *vector_layers()),
    "normalised": Of(lambda x, a: a((x - 0.5) / 0.25), nn.Conv2d(3, 4, 3, padding=1)),
    "normalised by tensors": Of(
        lambda x, a, b: a(b(x)), nn.Conv2d(3, 4, 3, padding=1), Normalise()
    ),
    "frozen norm": nn.Sequential(nn.Conv2d(3, 4, 3), FrozenBatchNorm2d(4), nn.ReLU()),
    "computed weight": Of(lambda x, a: F.conv2d(x, standard(a.weight)), nn.Conv2d(3, 4, 3)),
    "relu by clamp": Of(lambda x, a: a(x).clamp(min=0), nn.Conv2d(3, 4, 3)),
    "relu by clamp_": Of(lambda x, a: a(x).clamp_(0), nn.Conv2d(3, 4, 3)),
    "relu by clamp_min": Of(lambda x, a: torch.clamp_min(a(x), 0), nn.Conv2d(3, 4, 3)),
    "relu by tensor": Of(lambda x, a: a(x).clamp(min=torch.tensor(0.0)), nn.Conv2d(3, 4, 3)),
    "relu by threshold": Of(lambda x, a: F.threshold(a(x), 0, 0), nn.Conv2d(3, 4, 3)),
    "relu by maximum": Of(lambda x, a: torch.maximum(a(x), torch.zeros(1)), nn.Conv2d(3, 4, 3)),
    "relu by zeros": Of(lambda x, a: (y := a(x)).max(torch.zeros_like(y)), nn.Conv2d(3, 4, 3)),
    "relu by hardtanh": nn.Sequential(nn.Conv2d(3, 4, 3), nn.Hardtanh(0, float("inf"))),
    "relu by method": Of(lambda x, a: torch.relu(a(x).relu()), nn.Conv2d(3, 4, 3)),
    "relu6": nn.Sequential(nn.Conv2d(3, 4, 3), Times(9), nn.ReLU6()),
    "clamp": Of(lambda x, a: (9 * a(x)).clamp(-1, 2), nn.Conv2d(3, 4, 3)),
    "clamp max": Of(lambda x, a: (9 * a(x)).clamp_max(0.5), nn.Conv2d(3, 4, 3)),
    "minimum": Of(lambda x, a: torch.minimum(a(x), torch.tensor(0.1)), nn.Conv2d(3, 4, 3)),
    "hardtanh": nn.Sequential(nn.Conv2d(3, 4, 3), Times(9), nn.Hardtanh()),
    "hardsigmoid": nn.Sequential(nn.Conv2d(3, 4, 3), Times(9), nn.Hardsigmoid()),
    "leaky relu": nn.Sequential(nn.Conv2d(3, 4, 3), nn.LeakyReLU(0.1)),
    "leaky relu of zero": nn.Sequential(nn.Conv2d(3, 4, 3), nn.LeakyReLU(0.0)),
    "prelu": nn.Sequential(nn.Conv2d(3, 4, 3), nn.PReLU()),
    "prelu of channels": nn.Sequential(nn.Conv2d(3, 4, 3), nn.PReLU(4, 0.3)),
    "abs": Of(lambda x, a: a(x).abs(), nn.Conv2d(3, 4, 3)),
    "avg ceil": nn.Sequential(nn.Conv2d(3, 4, 3), nn.AvgPool2d(4, 3, ceil_mode=True)),
    "avg ceil excluding": nn.AvgPool2d(4, 3, 1, ceil_mode=True, count_include_pad=False),
    "global avg by size": Of(lambda x, a: F.avg_pool2d(y := a(x), y.shape[2:]), nn.Conv2d(3, 4, 3)),
    "global avg of joined": Of(lambda x, a: a(x).flatten(2).mean(-1), nn.Conv2d(3, 4, 3)),
    "global avg in steps": Of(lambda x, a: a(x).mean(3).mean(2), nn.Conv2d(3, 4, (3, 2))),
    "mean of rows": Of(lambda x, a: a(x).mean(2, keepdim=True), nn.Conv2d(3, 4, (3, 2))),
    "sum": Of(lambda x, a: a(x).sum((2, 3)), nn.Conv2d(3, 4, 3)),
    "global max": Of(lambda x, a: a(x).amax((2, 3)), nn.Conv2d(3, 4, 3)),
    "global max of joined": Of(lambda x, a: a(x).flatten(2).max(-1)[0], nn.Conv2d(3, 4, 3)),
    "squeeze twice": Of(lambda x, a: a(pool(x).squeeze(-1).squeeze(-1)), nn.Linear(3, 3)),
    "squeeze all": Of(lambda x, a: a(pool(x).squeeze()), nn.Linear(3, 3)),
    "index": Of(lambda x, a: a(pool(x)[:, :, 0, 0]), nn.Linear(3, 3)),
    "flatten of joined": Of(lambda x, a: a(x.flatten(2).reshape(1, -1)), nn.Linear(432, 3)),
    "log softmax": nn.Sequential(nn.Flatten(), nn.Linear(432, 5), nn.LogSoftmax(1)),
    "log softmax of images": nn.Sequential(nn.Conv2d(3, 4, 3), nn.LogSoftmax(-3)),
    "sigmoid": Of(lambda x, a: a(x.flatten(1)).sigmoid().squeeze(-1), nn.Linear(432, 1)),
    "sigmoid of channels": nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sigmoid()),
    "sigmoid inside": Of(lambda x: x.mean((2, 3)).sigmoid() + 1),
    "exp": nn.Sequential(nn.Conv2d(3, 4, 3), Exp()),
    "tanh": nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh()),
    "silu": nn.Sequential(nn.Conv2d(3, 4, 3), nn.SiLU()),
    "gelu": nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU()),
    "gelu by tanh": nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(approximate="tanh")),
    "elu": nn.Sequential(nn.Conv2d(3, 4, 3), nn.ELU(0.7)),
    "hardswish": nn.Sequential(nn.Conv2d(3, 4, 3), Times(9), nn.Hardswish()),
    "product": Of(lambda x, a: a(x) * x, nn.Conv2d(3, 3, 1)),
    "product of a gate": Of(lambda x, a: x * a(pool(x)).sigmoid(), nn.Conv2d(3, 3, 1)),
    "product of a map": Of(lambda x, a: a(x).sigmoid() * x, nn.Conv2d(3, 1, 1)),
    "difference of means": Of(lambda x: x - x.mean((2, 3), keepdim=True)),
    "group norm": nn.Sequential(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4)),
    "instance norm": nn.Sequential(nn.Conv2d(3, 4, 3), nn.InstanceNorm2d(4, affine=True)),
    "layer norm of images": nn.Sequential(nn.Conv2d(3, 4, 3), nn.LayerNorm((4, 10, 10))),
    "layer norm of vectors": nn.Sequential(nn.Flatten(), nn.Linear(432, 5), nn.LayerNorm(5)),
    "mean of channels": Of(lambda x, a: a(x).mean(1, keepdim=True) * x, nn.Conv2d(3, 3, 1)),
    "maximum of channels": Of(lambda x, a: a(x).amax(1), nn.Conv2d(3, 4, 3)),
    "sum of everything": Of(lambda x, a: a(x).sum((1, 2, 3)), nn.Conv2d(3, 4, 3)),
    "unit length": Of(lambda x, a: F.normalize(a(x)), nn.Conv2d(3, 4, 3)),
    "unit length by hand": Of(
        lambda x, a: (y := a(x)) / y.norm(dim=1, keepdim=True), nn.Conv2d(3, 4, 3)
    ),
    "vectors of unit length": Of(lambda x: F.normalize(x.flatten(1), dim=-1, eps=0.5)),
    "transposed": nn.Sequential(nn.Conv2d(3, 4, 3), nn.ConvTranspose2d(4, 6, (3, 2), groups=2)),
    "transposed dilated": nn.ConvTranspose2d(
        3, 5, 3, padding=(1, 2), dilation=2, output_padding=(1, 0), bias=False
    ),
    **MOVES,
    **JOINS,
    "lines": nn.Sequential(
        nn.MaxPool2d((12, 1)),
        nn.Flatten(2),
        nn.Conv1d(3, 6, 3, padding=1, dilation=2, stride=1),
        nn.BatchNorm1d(6),
        nn.ReLU(),
        nn.Conv1d(6, 4, 3, padding="same", groups=2),
        nn.MaxPool1d(3, stride=2, padding=1, ceil_mode=True),
        nn.GroupNorm(2, 4),
        nn.Conv1d(4, 4, 1),
    ),
    "pools of lines": Of(
        lambda x: (
            F.avg_pool1d(y := x.mean(2), 3, 2, padding=1, count_include_pad=False),
            F.avg_pool1d(y, 4),
            F.adaptive_avg_pool1d(y, 4),
            F.adaptive_avg_pool1d(y, 5),
            F.adaptive_max_pool1d(y, 3),
            F.max_pool1d(y, 2, dilation=3),
        )
    ),
    "argmax": Of(lambda x, a: a(x).argmax(1), nn.Conv2d(3, 4, 3)),
    "two outputs": Of(lambda x, a: (a(x), F.relu(a(x))), nn.Conv2d(3, 4, 3)),
}


@pytest.mark.parametrize("preprocessing", [EVEN, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize("name", MODULES)
def test_capture_computes_what_torch_computes(name: str, preprocessing: Preprocessing) -> None:
    model = MODULES[name]
    graph = captured(model, preprocessing=preprocessing)
    check_capture(model, graph, preprocessing)


def test_in_place_result_is_what_later_readers_see() -> None:
    def function(x: Tensor, conv: nn.Module) -> Tensor:
        y: Tensor = conv(x)
        z = F.relu(y, inplace=True)
        return z + y

    model = Of(function, nn.Conv2d(3, 4, 3))
    check_capture(model, captured(model), EVEN)


def test_a_part_may_change_in_place_if_the_whole_is_read_no_more() -> None:
    def function(x: Tensor, conv: nn.Module) -> Tensor:
        first, second = conv(x).chunk(2, 1)
        return torch.cat([F.relu(first, inplace=True), second], 1)

    model = Of(function, nn.Conv2d(3, 4, 3))
    check_capture(model, captured(model), EVEN)


def _half(y: Tensor) -> Tensor:
    y[:, :2].relu_()
    return y


def _whole(y: Tensor) -> Tensor:
    part = y[:, :2]
    y.relu_()
    return torch.cat([y, part], 1)


@pytest.mark.parametrize("change", [_half, _whole])
def test_a_view_that_changes_with_another_is_refused(change: Callable[[Tensor], Tensor]) -> None:
    def function(x: Tensor, conv: nn.Module) -> Tensor:
        return change(conv(x))

    with pytest.raises(ExportError, match="in place on a tensor of which another part or view"):
        captured(Of(function, nn.Conv2d(3, 4, 3)))


def test_dropout_and_identity_leave_no_node() -> None:
    assert ops(captured(MODULES["dropout"])) == ["normalize", "conv"]


def test_nodes_are_named_after_modules() -> None:
    graph = captured(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()))
    assert [node.name for node in graph.nodes] == ["normalize", "0", "1"]


def test_check_finds_a_capture_that_differs() -> None:
    model = nn.Conv2d(3, 4, 3)
    graph = captured(model)
    model.weight.data[0, 0, 0, 0] += 0.01
    with pytest.raises(ExportError, match="expected what PyTorch computes"):
        check_capture(model, graph, EVEN)


@pytest.mark.parametrize("seed", range(4))
def test_sums_that_tie_with_a_threshold_do_not_count_as_a_difference(seed: int) -> None:
    """With fresh batch norms the sums of binary weights are often 0, the first threshold."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.BatchNorm2d(8),
        HWGQ(),
        BinaryConv2d(8, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        HWGQ(),
        BinaryConv2d(8, 8, 3, bias=False),
        HWGQ(),
    ).eval()
    check_capture(model, capture(model, torch.zeros(1, 3, 12, 12), EVEN), EVEN)


def test_modules_may_have_the_names_that_capture_gives() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.image = nn.Conv2d(3, 4, 3)
            self.normalize = nn.BatchNorm2d(4)

        def forward(self, x: Tensor) -> Tensor:
            y: Tensor = self.normalize(self.image(x))
            return y

    model = Named()
    graph = captured(model)
    check_capture(model, graph, EVEN)
    names = [graph.input_name, *(node.name for node in graph.nodes)]
    assert len(set(names)) == len(names)


def test_model_keeps_its_mode_and_weights() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    capture(model, torch.zeros(1, 3, 8, 8), EVEN)
    assert model.training
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


REFUSED: dict[str, tuple[nn.Module, str]] = {
    "mish": (nn.Sequential(nn.Conv2d(3, 4, 3), nn.Mish()), 'module "1".*aten.mish.*HWGQ'),
    "selu": (nn.SELU(), "aten.selu.*HWGQ"),
    "broadcast of vectors": (
        Of(lambda x: x.mean((2, 3)) * x.flatten(2).mean(2).sum(1, keepdim=True)),
        "repeated|sum",
    ),
    "even same": (nn.Conv2d(3, 4, 2, padding="same"), "one-sided.*odd kernel"),
    "log softmax inside": (
        Of(lambda x: F.relu(x.flatten(1).log_softmax(1))),
        "another layer.*logi",
    ),
    "log softmax over rows": (nn.LogSoftmax(dim=2), "log_softmax over dimension 2.*channels"),
    "softmax over images": (nn.Softmax(dim=0), "softmax over the batch"),
    "no statistics": (nn.BatchNorm2d(3, track_running_stats=False), "track_running_stats"),
    "linear on rows": (nn.Linear(12, 3), "flatten"),
    "divisor": (nn.AvgPool2d(2, divisor_override=3), "divisor_override"),
    "avg ceil": (nn.AvgPool2d(4, 3, 1, ceil_mode=True), "ceil_mode=False"),
    "quotient": (Of(lambda x: 1 / x), "aten.reciprocal"),
    "division by zero": (Of(lambda x: x / torch.tensor([1.0, 0.0, 2.0])[:, None, None]), "by 0"),
    "infinite": (Of(lambda x: x - torch.inf), "constant that is not finite"),
    "random": (Of(lambda x: x + torch.rand(())), "random numbers"),
    "threshold": (Of(lambda x: F.threshold(x, 0.5, 0)), "a threshold other than 0.*ReLU"),
    "larger of two": (Of(lambda x: torch.maximum(x, -x)), "larger or smaller of two"),
    "reshaped image": (
        Of(lambda x, a: a(x.flatten(2)[..., None]), nn.Conv2d(3, 4, 1)),
        "as they are",
    ),
    "layer norm of rows": (nn.LayerNorm(12), "layer norm over the last 1.*GroupNorm"),
    "argmax of rows": (Of(lambda x: x.argmax(2)), "argmax over dimension 2"),
    "cat of images": (Of(lambda x: torch.cat([x, x], 0)), "concatenation over dimension 0, the b"),
    "stack of images": (Of(lambda x: torch.stack([x, x])), "a stack over dimension 0, the batch"),
    "sum of images": (Of(lambda x: x.sum(0)), "sum over the batch"),
    "constant": (
        Of(lambda x, a: torch.maximum(x, a.weight), nn.Linear(12, 12)),
        "number for each channel",
    ),
    "nothing": (Of(lambda x: torch.zeros(1, 3)), "does not depend"),
    "a parameter": (Of(lambda x, a: a.weight, nn.Linear(2, 2)), "does not depend"),
    "float32 only": (Of(lambda x, a: a(x.half().float()), nn.Conv2d(3, 2, 1)), "float16"),
    "recurrent": (
        Of(lambda x, a: a(x.flatten(1))[0], nn.LSTM(432, 2)),
        'module "a" .*: found torch.nn.LSTM.*convolutions',
    ),
    "nested dictionary": (
        Of(lambda x: {"y": F.relu(x), "z": [x + 1]}),
        "found nested outputs; what works: a tensor, or a tuple or dictionary of tensors",
    ),
    "numbered dictionary": (
        Of(lambda x: {1: F.relu(x)}),
        "found an output with the key 1; what works: strings as keys",
    ),
    "transposed strides": (nn.ConvTranspose2d(3, 4, 2, stride=(2, 3)), "stride .2, 3..*one stride"),
    "an order of its own": (
        Of(lambda x: F.relu(x.view(1, 3, 2, 6, 2, 6).transpose(3, 4).reshape(1, 3, 12, 12))),
        "elements of an image .3, 12, 12. moved to .1, 3, 12, 12..*slices",
    ),
    "images mixed": (Of(lambda x: x.reshape(3, 144)), "reshape from .*each image of the batch"),
    "bicubic": (nn.Upsample(scale_factor=2, mode="bicubic"), "upsample_bicubic2d.*bilinear"),
    "uneven factor": (nn.Upsample(scale_factor=1.3, mode="bilinear"), "factor that gives.*size="),
    "uneven nearest": (nn.Upsample(scale_factor=1.3), "factor that gives.*size="),
    "padding of channels": (Of(lambda x: F.pad(x, (0, 0, 0, 0, 1, 0))), "padding of channels.*cat"),
    "padding of vectors": (Of(lambda x: F.pad(x.mean((2, 3)), (1, 0))), "padding of a tensor"),
    "transposed padding": (nn.ConvTranspose2d(3, 4, 2, padding=2), "smaller padding"),
    "a norm alone": (
        Of(lambda x: x.norm(dim=1, keepdim=True)),
        "found a norm of the activation; what works: torch.nn.functional.normalize",
    ),
    "lines of images": (
        Of(lambda x, a: a(x.flatten(2)), nn.Conv1d(3, 4, 3)),
        'module "a" .*: found lines of shape .*; what works: lines .* of height 1',
    ),
    "nothing beside": (Of(lambda x: (F.relu(x), None)), "expected activations, found None"),
    "twice": (Of(lambda x: (y := F.relu(x), y)), "expected each once.*twice"),
    "our padding": (
        nn.Sequential(nn.ReLU(), BinaryConv2d(3, 4, 3, padding=1, padding_mode="reflect")),
        'module "1": found padding_mode .reflect.*zeros',
    ),
    "our even same": (
        nn.Sequential(nn.ReLU(), Int8Conv2d(3, 4, 2, padding="same")),
        'module "1": found padding .same.*one-sided.*odd kernel',
    ),
    "data dependent": (Of(lambda x: x if x.sum() > 0 else -x), "torch.export"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_runtime_lacks_is_refused_in_one_line(name: str) -> None:
    model, message = REFUSED[name]
    with pytest.raises(ExportError, match=message) as caught:
        check_capture(model, captured(model), EVEN)
    assert "\n" not in str(caught.value)


def test_a_block_whose_channels_come_last_moves_nothing() -> None:
    assert "transpose" not in ops(captured(MODULES["channels last"]))


def test_the_levels_of_a_file_are_those_of_training() -> None:
    assert dialect.STEP == hwgq.STEP


def test_a_batch_norm_that_divides_by_nothing_is_refused() -> None:
    model = nn.BatchNorm2d(3, eps=0.0).eval()
    assert model.running_var is not None
    model.running_var[1] = 0.0
    with pytest.raises(ExportError, match="variance and an eps of 0"):
        capture(model, torch.zeros(1, 3, 8, 8), EVEN)


@pytest.mark.parametrize("parameter", ["weight", "bias"])
@pytest.mark.parametrize("value", [torch.inf, torch.nan])
def test_parameters_that_are_not_finite_are_refused(parameter: str, value: float) -> None:
    model = nn.Conv2d(3, 4, 3)
    getattr(model, parameter).data.view(-1)[2] = value
    with pytest.raises(ExportError, match=f"a {parameter} that is not finite"):
        captured(model)
