"""Writes docs/supported.md: what `edgebin.export` takes, from the exporter's table of lowerings.

python tests/support/supported_page.py docs/supported.md
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import torch
import torch.nn.functional as F
from torch import nn

import edgebin.nn
from edgebin.exporter.aten import (
    LOWERINGS,
    activations,
    affine,
    clamps,
    heads,
    joins,
    layers,
    moves,
    norms,
    pools,
    shapes,
    transposed,
)

Example = tuple[Callable[[], nn.Module], tuple[int, ...]]

_IMAGE = (1, 4, 8, 8)
_LINE = (1, 4, 16)
_VECTOR = (1, 4)

SECTIONS: dict[str, tuple[ModuleType, ...]] = {
    "Layers": (layers, transposed),
    "Activations": (clamps, activations, heads),
    "Norms": (norms,),
    "Pools and reductions": (pools,),
    "Arithmetic": (affine,),
    "Moves": (moves, joins, shapes),
}
"""Files of lowerings, in the order of the page."""

MODULES: dict[str, dict[str, Example]] = {
    "aten.conv2d": {"Conv2d": (lambda: nn.Conv2d(4, 4, 3), _IMAGE)},
    "aten.conv1d": {"Conv1d": (lambda: nn.Conv1d(4, 4, 3), _LINE)},
    "aten.conv_transpose2d.input": {
        "ConvTranspose2d": (lambda: nn.ConvTranspose2d(4, 4, 2, 2), _IMAGE)
    },
    "aten.conv_transpose1d": {"ConvTranspose1d": (lambda: nn.ConvTranspose1d(4, 4, 2, 2), _LINE)},
    "aten.linear": {"Linear": (lambda: nn.Linear(4, 4), _VECTOR)},
    "aten.batch_norm": {
        "BatchNorm1d": (lambda: nn.BatchNorm1d(4), _LINE),
        "BatchNorm2d": (lambda: nn.BatchNorm2d(4), _IMAGE),
    },
    "edgebin.int8_conv2d": {
        "edgebin.nn.Int8Conv2d": (lambda: edgebin.nn.Int8Conv2d(4, 4, 3), _IMAGE)
    },
    "edgebin.binary_conv2d": {
        "edgebin.nn.BinaryConv2d": (lambda: edgebin.nn.BinaryConv2d(4, 4, 3), _IMAGE)
    },
    "edgebin.int8_linear": {
        "edgebin.nn.Int8Linear": (lambda: edgebin.nn.Int8Linear(4, 4), _VECTOR)
    },
    "edgebin.binary_linear": {
        "edgebin.nn.BinaryLinear": (lambda: edgebin.nn.BinaryLinear(4, 4), _VECTOR)
    },
    "edgebin.threshold_activation": {
        "edgebin.nn.ThresholdActivation": (
            lambda: edgebin.nn.ThresholdActivation([0.5, 1.5, 2.5]),
            _IMAGE,
        )
    },
    "edgebin.hwgq": {"edgebin.nn.HWGQ": (edgebin.nn.HWGQ, _IMAGE)},
    "aten.relu": {"ReLU": (nn.ReLU, _IMAGE)},
    "aten.relu6": {"ReLU6": (nn.ReLU6, _IMAGE)},
    "aten.hardtanh": {"Hardtanh": (nn.Hardtanh, _IMAGE)},
    "aten.hardsigmoid": {"Hardsigmoid": (nn.Hardsigmoid, _IMAGE)},
    "aten.threshold": {"Threshold": (lambda: nn.Threshold(0.0, 0.0), _IMAGE)},
    "aten.leaky_relu": {"LeakyReLU": (nn.LeakyReLU, _IMAGE)},
    "aten.prelu": {"PReLU": (nn.PReLU, _IMAGE)},
    "aten.tanh": {"Tanh": (nn.Tanh, _IMAGE)},
    "aten.silu": {"SiLU": (nn.SiLU, _IMAGE)},
    "aten.gelu": {"GELU": (nn.GELU, _IMAGE)},
    "aten.hardswish": {"Hardswish": (nn.Hardswish, _IMAGE)},
    "aten.elu": {"ELU": (nn.ELU, _IMAGE)},
    "aten.softmax.int": {"Softmax": (lambda: nn.Softmax(1), _IMAGE)},
    "aten.log_softmax.int": {"LogSoftmax": (lambda: nn.LogSoftmax(1), _VECTOR)},
    "aten.sigmoid": {"Sigmoid": (nn.Sigmoid, _IMAGE)},
    "aten.group_norm": {"GroupNorm": (lambda: nn.GroupNorm(2, 4), _IMAGE)},
    "aten.instance_norm": {"InstanceNorm2d": (lambda: nn.InstanceNorm2d(4), _IMAGE)},
    "aten.layer_norm": {"LayerNorm": (lambda: nn.LayerNorm((4, 8, 8)), _IMAGE)},
    "aten.max_pool2d": {"MaxPool2d": (lambda: nn.MaxPool2d(2), _IMAGE)},
    "aten.avg_pool2d": {"AvgPool2d": (lambda: nn.AvgPool2d(2), _IMAGE)},
    "aten.adaptive_avg_pool2d": {"AdaptiveAvgPool2d": (lambda: nn.AdaptiveAvgPool2d(2), _IMAGE)},
    "aten.adaptive_max_pool2d": {"AdaptiveMaxPool2d": (lambda: nn.AdaptiveMaxPool2d(2), _IMAGE)},
    "aten.max_pool1d": {"MaxPool1d": (lambda: nn.MaxPool1d(2), _LINE)},
    "aten.avg_pool1d": {"AvgPool1d": (lambda: nn.AvgPool1d(2), _LINE)},
    "aten.adaptive_avg_pool1d": {"AdaptiveAvgPool1d": (lambda: nn.AdaptiveAvgPool1d(2), _LINE)},
    "aten.adaptive_max_pool1d": {"AdaptiveMaxPool1d": (lambda: nn.AdaptiveMaxPool1d(2), _LINE)},
    "aten.flatten.using_ints": {"Flatten": (nn.Flatten, _IMAGE)},
    "aten.unflatten.int": {"Unflatten": (lambda: nn.Unflatten(1, (4, 1, 1)), _VECTOR)},
    "aten.pixel_shuffle": {"PixelShuffle": (lambda: nn.PixelShuffle(2), _IMAGE)},
    "aten.pixel_unshuffle": {"PixelUnshuffle": (lambda: nn.PixelUnshuffle(2), _IMAGE)},
    "aten.channel_shuffle": {"ChannelShuffle": (lambda: nn.ChannelShuffle(2), _IMAGE)},
    "aten.dropout": {"Dropout": (nn.Dropout, _IMAGE)},
    "aten.feature_dropout": {"Dropout2d": (nn.Dropout2d, _IMAGE)},
    "aten.alpha_dropout": {"AlphaDropout": (nn.AlphaDropout, _IMAGE)},
    "aten.pad": {
        "ZeroPad2d": (lambda: nn.ZeroPad2d(1), _IMAGE),
        "ConstantPad2d": (lambda: nn.ConstantPad2d(1, 2.0), _IMAGE),
        "CircularPad2d": (lambda: nn.CircularPad2d(1), _IMAGE),
    },
    "aten.reflection_pad2d": {"ReflectionPad2d": (lambda: nn.ReflectionPad2d(1), _IMAGE)},
    "aten.replication_pad2d": {"ReplicationPad2d": (lambda: nn.ReplicationPad2d(1), _IMAGE)},
    "aten.upsample_nearest2d.vec": {"Upsample": (lambda: nn.Upsample(scale_factor=2), _IMAGE)},
    "aten.upsample_bilinear2d.vec": {
        'Upsample(mode="bilinear")': (
            lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
            _IMAGE,
        )
    },
}
"""Modules that become an ATen call, with an example of each and the shape that it takes."""

SPELLINGS: dict[str, tuple[str, ...]] = {
    "aten.linalg_vector_norm": ("F.normalize", "x.norm"),
    "aten.upsample_nearest2d.vec": ("F.interpolate",),
    "aten.upsample_bilinear2d.vec": ('F.interpolate(mode="bilinear")',),
    "aten.slice.Tensor": ("x[:, 0:8]",),
    "aten.index.Tensor": ("x[:, [2, 0, 1]]",),
    "aten.add.Tensor": ("a + b",),
    "aten.sub.Tensor": ("a - b",),
    "aten.mul.Tensor": ("a * b",),
    "aten.div.Tensor": ("a / b",),
}
"""Other ways to write a call whose name in Python is not that of the ATen operator."""

_TITLE = """# What export supports

Each row is a lowering of `edgebin.export`: the modules of `torch.nn` and the calls, `F` being
`torch.nn.functional` and `x` a tensor, that it takes, in and out of place, and what it makes of
them. This page is written by `python tests/support/supported_page.py docs/supported.md` from the
exporter's table. `edgebin.check_export` tells what a network would be refused for, and what works
instead; [convert.md](convert.md) says which operators of FORMAT.md result.
"""


def page() -> str:
    """Return the text of docs/supported.md."""
    parts = [_TITLE]
    for title, files in SECTIONS.items():
        parts.append(
            f"\n## {title}\n\n| modules and calls | what export takes of it |\n|---|---|\n"
        )
        parts.extend(row for file in files for row in _rows(file))
    return "".join(parts)


def _rows(file: ModuleType) -> Iterator[str]:
    """Yield the rows of a file's lowerings, in the order of the table."""
    names: dict[object, list[str]] = {}
    for operator, lowering in LOWERINGS.items():
        if lowering.__module__ == file.__name__:
            names.setdefault(lowering, []).append(operator)
    for function, operators in names.items():
        written = [call for operator in operators for call in _written(operator)]
        calls = ", ".join(f"`{call}`" for call in dict.fromkeys(written))
        yield f"| {calls} | {_summary(function)} |\n"


def _written(operator: str) -> Iterator[str]:
    """Yield how an ATen operator is written in Python."""
    yield from MODULES.get(operator, {})
    yield from SPELLINGS.get(operator, ())
    if operator in SPELLINGS:
        return
    name = operator.split(".")[1]
    for prefix, owner in (("F.", F), ("torch.", torch), ("x.", torch.Tensor)):
        if hasattr(owner, name) and operator.startswith("aten.") and not name.startswith("_"):
            yield prefix + name
            return


def _summary(lowering: object) -> str:
    """Return the first line of a docstring, without the word Lower."""
    line = (inspect.getdoc(lowering) or "").splitlines()[0]
    return line.removeprefix("Lower ").removesuffix(".").replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
