"""Runs a graph in float64, before or after any pass: the exact result that passes must preserve.

Passes are compared with it and with PyTorch. It is independent of the oracle in
`edgebin.graph.reference`, which rounds as the file format says. Values are torch tensors
(N, C, H, W) of float64; codes are the real numbers 0 to 3. It is written for clarity, not speed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from edgebin.exporter.dialect import (
    BATCH_NORM,
    FLATTEN_CHW,
    LOG_SOFTMAX,
    NORMALIZE,
    SIGMOID,
    THRESHOLD,
    batch_norm_affine,
    normalize_affine,
)
from edgebin.graph.ir import Array, Graph, Node
from edgebin.graph.ops.shape.pad import MODES


def evaluate(graph: Graph, inputs: Array | Mapping[str, Array]) -> dict[str, Tensor]:
    """Run a graph of the dialect or of FORMAT.md in float64.

    Args:
        graph: every operator of `dialect` and of FORMAT.md is known.
        inputs: an array (N, H, W, C) for each input by name, or that of the only one.

    Returns:
        Every value by name, float64, (N, C, H, W).
    """
    given = inputs if isinstance(inputs, Mapping) else {graph.input_name: inputs}
    values = {
        x.name: torch.from_numpy(x.as_value(given[x.name])).permute(0, 3, 1, 2).double()
        for x in graph.inputs
    }
    for node in graph.nodes:
        values[node.name] = RULES[node.op](node, [values[name] for name in node.inputs])
    return values


def _constant(node: Node, role: str) -> Tensor:
    """Return a constant in float64; bits become +1 and -1."""
    array: Array = node.constants[role]
    if array.dtype == np.bool_:
        return torch.from_numpy(np.where(array, 1.0, -1.0))
    return torch.from_numpy(np.asarray(array, np.float64))


def _channels(node: Node, role: str, default: float) -> Tensor:
    """Return a per-channel constant that broadcasts over (N, C, H, W)."""
    if role not in node.constants:
        return torch.full((1, 1, 1, 1), default, dtype=torch.float64)
    return _constant(node, role).reshape(1, -1, 1, 1)


def _pads(attributes: Mapping[str, int]) -> list[int]:
    return [attributes.get(f"pad_{side}", 0) for side in ("left", "right", "top", "bottom")]


def _pair(attributes: Mapping[str, int], name: str) -> tuple[int, int]:
    return attributes.get(f"{name}_h", 1), attributes.get(f"{name}_w", 1)


def _count(x: Tensor, thresholds: Tensor) -> Tensor:
    """Return how many of the thresholds (C, 3) each x (N, C, H, W) exceeds."""
    return (x.unsqueeze(-1) > thresholds[None, :, None, None, :]).double().sum(-1)


def _conv(node: Node, inputs: list[Tensor]) -> Tensor:
    x = inputs[0]
    if "zero" in node.constants:
        x = x - _channels(node, "zero", 0.0) / 65536
    weights = _constant(node, "weights")
    weights = weights[:, None, None, :] if weights.dim() == 2 else weights
    y = F.conv2d(
        F.pad(x, _pads(node.attributes)),
        weights.permute(0, 3, 1, 2),
        None,
        _pair(node.attributes, "stride"),
        0,
        _pair(node.attributes, "dilation"),
        node.attributes.get("groups", 1),
    )
    if "thresholds" in node.constants:
        return _count(y, _constant(node, "thresholds"))
    return y * _channels(node, "scale", 1.0) + _channels(node, "bias", 0.0)


def _max_pool(node: Node, inputs: list[Tensor]) -> Tensor:
    x = F.pad(inputs[0], _pads(node.attributes), value=-torch.inf)
    kernel, stride = _pair(node.attributes, "kernel"), _pair(node.attributes, "stride")
    return F.max_pool2d(x, kernel, stride, 0, _pair(node.attributes, "dilation"))


def _avg_pool(node: Node, inputs: list[Tensor]) -> Tensor:
    kernel, stride = _pair(node.attributes, "kernel"), _pair(node.attributes, "stride")
    sums, ones = (
        F.avg_pool2d(F.pad(x, _pads(node.attributes)), kernel, stride)
        for x in (inputs[0], torch.ones_like(inputs[0]))
    )
    return sums if node.attributes.get("include_pad", 0) else sums / ones


def _affine(gain: Array, shift: Array, x: Tensor) -> Tensor:
    return x * torch.from_numpy(gain).reshape(1, -1, 1, 1) + torch.from_numpy(shift).reshape(
        1, -1, 1, 1
    )


def _normalize(node: Node, inputs: list[Tensor]) -> Tensor:
    affine = normalize_affine(node)
    return _affine(affine.gain, affine.shift, inputs[0])


def _batch_norm(node: Node, inputs: list[Tensor]) -> Tensor:
    affine = batch_norm_affine(node)
    return _affine(affine.gain, affine.shift, inputs[0])


def _threshold(node: Node, inputs: list[Tensor]) -> Tensor:
    return _levels(node, _count(inputs[0], _constant(node, "thresholds")))


def _levels(node: Node, codes: Tensor) -> Tensor:
    return codes * _constant(node, "step") + _channels(node, "offset", 0.0)


def _quantize(node: Node, inputs: list[Tensor]) -> Tensor:
    return _count(inputs[0] * _channels(node, "sign", 1.0), _constant(node, "thresholds"))


def _flatten(_node: Node, inputs: list[Tensor]) -> Tensor:
    return inputs[0].permute(0, 2, 3, 1).flatten(1)[:, :, None, None]


def _adaptive(pool: Callable[..., Tensor], node: Node, x: Tensor) -> Tensor:
    return pool(x, (node.attributes["out_h"], node.attributes["out_w"]))


def _axes(node: Node) -> list[int]:
    """Return the axes of (N, C, H, W) that a reduction takes."""
    axes = (("over_h", 2), ("over_w", 3), ("over_c", 1))
    return [axis for key, axis in axes if node.attributes.get(key, 0)]


def _l2_normalize(node: Node, inputs: list[Tensor]) -> Tensor:
    return F.normalize(inputs[0], dim=1, eps=_constant(node, "eps").item())


def _group_norm(node: Node, inputs: list[Tensor]) -> Tensor:
    scale, bias, eps = (_constant(node, role) for role in ("scale", "bias", "eps"))
    return F.group_norm(inputs[0], node.attributes["groups"], scale, bias, eps.item())


def _layer_norm(node: Node, inputs: list[Tensor]) -> Tensor:
    scale, bias, eps = (_constant(node, role) for role in ("scale", "bias", "eps"))
    pixels = inputs[0].permute(0, 2, 3, 1)
    return F.layer_norm(pixels, scale.shape, scale, bias, eps.item()).permute(0, 3, 1, 2)


def _slice(node: Node, inputs: list[Tensor]) -> Tensor:
    x = inputs[0]
    h, w, c = (
        slice(*(node.attributes.get(f"{axis}_{part}") for part in ("begin", "end", "step")))
        for axis in "hwc"
    )
    return x[:, c, h, w]


def _pad(node: Node, inputs: list[Tensor]) -> Tensor:
    mode = MODES[node.attributes.get("mode", 0)]
    value = _constant(node, "value").item() if "value" in node.constants else None
    return F.pad(inputs[0], _pads(node.attributes), mode, value)


def _reshape(node: Node, inputs: list[Tensor]) -> Tensor:
    shape = [node.attributes[key] for key in ("out_h", "out_w", "out_c")]
    return inputs[0].permute(0, 2, 3, 1).reshape(-1, *shape).permute(0, 3, 1, 2)


def _transpose(node: Node, inputs: list[Tensor]) -> Tensor:
    axes = [1 + node.attributes[f"axis_{i}"] for i in range(3)]
    return inputs[0].permute(0, 2, 3, 1).permute(0, *axes).permute(0, 3, 1, 2)


def _resize(node: Node, inputs: list[Tensor], mode: str) -> Tensor:
    size = node.attributes["out_h"], node.attributes["out_w"]
    corners = bool(node.attributes.get("align_corners", 0)) if mode == "bilinear" else None
    return F.interpolate(inputs[0], size, mode=mode, align_corners=corners)


def _nearest(node: Node, inputs: list[Tensor]) -> Tensor:
    return _resize(node, inputs, "nearest-exact" if node.attributes.get("exact", 0) else "nearest")


RULES: Mapping[str, Callable[[Node, list[Tensor]], Tensor]] = {
    NORMALIZE: _normalize,
    BATCH_NORM: _batch_norm,
    THRESHOLD: _threshold,
    FLATTEN_CHW: lambda node, x: x[0].flatten(1)[:, :, None, None],
    LOG_SOFTMAX: lambda node, x: torch.log_softmax(x[0], 1),
    SIGMOID: lambda node, x: torch.sigmoid(x[0]),
    "conv": _conv,
    "linear": _conv,
    "quantize": _quantize,
    "dequantize": lambda node, x: _levels(node, x[0]),
    "affine": lambda node, x: x[0] * _channels(node, "scale", 1.0) + _channels(node, "bias", 0.0),
    "relu": lambda node, x: F.relu(x[0]),
    "add": lambda node, x: x[0] + x[1],
    "sub": lambda node, x: x[0] - x[1],
    "mul": lambda node, x: x[0] * x[1],
    "exp": lambda node, x: torch.exp(x[0]),
    "sigmoid": lambda node, x: torch.sigmoid(x[0]),
    "tanh": lambda node, x: torch.tanh(x[0]),
    "silu": lambda node, x: F.silu(x[0]),
    "gelu": lambda node, x: F.gelu(x[0]),
    "gelu_tanh": lambda node, x: F.gelu(x[0], approximate="tanh"),
    "elu": lambda node, x: F.elu(x[0], float(_constant(node, "alpha"))),
    "prelu": lambda node, x: F.prelu(x[0], _constant(node, "slope")),
    "clamp": lambda node, x: x[0].clamp(*(float(_constant(node, r)) for r in ("min", "max"))),
    "hard_sigmoid": lambda node, x: F.hardsigmoid(x[0]),
    "hard_swish": lambda node, x: F.hardswish(x[0]),
    "concat": lambda node, x: torch.cat(x, 1),
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "adaptive_max_pool": lambda node, x: _adaptive(F.adaptive_max_pool2d, node, x[0]),
    "adaptive_avg_pool": lambda node, x: _adaptive(F.adaptive_avg_pool2d, node, x[0]),
    "flatten": _flatten,
    "slice": _slice,
    "pad": _pad,
    "reshape": _reshape,
    "transpose": _transpose,
    "take_channels": lambda node, x: x[0][:, _constant(node, "channels").long()],
    "depth_to_space": lambda node, x: F.pixel_shuffle(x[0], node.attributes["block"]),
    "space_to_depth": lambda node, x: F.pixel_unshuffle(x[0], node.attributes["block"]),
    "resize_nearest": _nearest,
    "resize_bilinear": lambda node, x: _resize(node, x, "bilinear"),
    "softmax": lambda node, x: torch.softmax(x[0], 1),
    "reduce_mean": lambda node, x: x[0].mean(_axes(node), keepdim=True),
    "reduce_sum": lambda node, x: x[0].sum(_axes(node), keepdim=True),
    "reduce_max": lambda node, x: x[0].amax(_axes(node), keepdim=True),
    "argmax": lambda node, x: x[0].argmax(1, keepdim=True).double(),
    "l2_normalize": _l2_normalize,
    "group_norm": _group_norm,
    "layer_norm": _layer_norm,
}
