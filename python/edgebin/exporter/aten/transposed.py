"""Lowers transposed convolutions to convolutions with the kernel turned around.

y[o] = sum over i, k with o = stride i - padding + dilation k of x[i] w[k]. With a stride of 1,
window position j of the convolution has the weight of k = K - 1 - j, and the image gets
dilation (K - 1) - padding rows in front of it. With a stride s, rows o + padding = s q + r of each
r are a convolution of their own: of the weights k = r + s j, j = 0, 1, .... All of them are made as
channels of one convolution, which `depth_to_space` sorts into rows and columns; `slice` cuts the
padding off.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.aten.tensor_shapes import Shape
from edgebin.exporter.dialect import Reals

Pair = tuple[int, int]


def conv_transpose2d(call: Call) -> Activation:
    """Lower torch.nn.ConvTranspose2d and ConvTranspose1d."""
    x = call.image("input")
    held = call.shape(x)
    if not x.known or held is None:
        return call.unknown()
    weight = _weight(call)
    bias = call.reals("bias", default=0.0, size=weight.shape[1] * int(call.plain("groups")))
    if not np.isfinite(bias).all():
        raise call.refuse("a bias that is not finite", "finite biases")
    if call.pair("stride") == (1, 1):
        return _of_stride_1(call, x, weight, bias)
    return _strided(call, x, held, weight, bias)


def _weight(call: Call) -> Tensor:
    """Return the weight (inputs, outputs of a group, rows, columns)."""
    weight = call.tensor("weight")
    if weight is None or not bool(torch.isfinite(weight).all()):
        raise call.refuse("a weight that is not finite", "finite weights")
    return weight.float().unsqueeze(2) if call.is_line else weight.float()


def _turned(call: Call, weight: Tensor) -> Tensor:
    """Return the weight (outputs, inputs of a group, rows, columns), both turned around."""
    grouped = weight.reshape(int(call.plain("groups")), -1, *weight.shape[1:])
    return grouped.transpose(1, 2).flatten(0, 1).flip(2, 3)


def _of_stride_1(call: Call, x: Activation, weight: Tensor, bias: Reals) -> Activation:
    dilation, padding = call.pair("dilation"), call.pair("padding")
    before = [dilation[i] * (weight.shape[2 + i] - 1) - padding[i] for i in (0, 1)]
    if min(before) < 0:
        raise call.refuse(f"a transposed convolution with padding {padding}", "a smaller padding")
    extra = (0 if call.is_line else call.pair("output_padding")[0], call.pair("output_padding")[1])
    after = (before[0] + extra[0], before[1] + extra[1])
    window = {"dilation_h": dilation[0], "dilation_w": dilation[1]}
    return _conv(call, x, _turned(call, weight), bias, {**window, **_pads(before, after)})


def _pads(before: list[int] | Pair, after: list[int] | Pair) -> dict[str, int]:
    keys = ("pad_top", "pad_left", "pad_bottom", "pad_right")
    return dict(zip(keys, (*before, *after), strict=True))


def _conv(
    call: Call,
    x: Activation,
    weight: Tensor,
    bias: Reals,
    window: Mapping[str, int],
    shape: Shape | None = None,
) -> Activation:
    """Emit a convolution of a weight (outputs, inputs of a group, rows, columns)."""
    constants = {
        "weights": np.ascontiguousarray(weight.permute(0, 2, 3, 1).numpy()),
        "scale": np.ones(weight.shape[0]),
        "bias": bias,
    }
    attributes = {"stride_h": 1, "stride_w": 1, "dilation_h": 1, "dilation_w": 1, **window}
    attributes["groups"] = int(call.plain("groups"))
    return call.emit("conv", [x], constants=constants, attributes=attributes, shape=shape)


def _strided(call: Call, x: Activation, held: Shape, weight: Tensor, bias: Reals) -> Activation:
    strides, padding = call.pair("stride"), call.pair("padding")
    block = max(strides)
    if min(strides) not in (1, block):
        raise call.refuse(f"a transposed convolution of stride {strides}", "one stride for both")
    spread = _spread(_dilated(weight, call.pair("dilation")), strides, block)
    phases = _turned(call, spread.flatten(1, 3))
    taps = (int(phases.shape[2]), int(phases.shape[3]))
    sides = call.sides(call.output_shape)
    # Rows of the convolution that the output reaches into.
    rows = [-(-(padding[i] + sides[i]) // strides[i]) for i in (0, 1)]
    after = [max(0, rows[i] - held[1 + i]) for i in (0, 1)]
    size = [held[1 + i] + after[i] for i in (0, 1)]
    deep = _shape(phases.shape[0], size)
    window = _pads([taps[0] - 1, taps[1] - 1], after)
    y = _conv(call, x, phases, np.repeat(bias, block**2), window, deep)
    wide = _shape(len(bias), [size[0] * block, size[1] * block])
    y = call.emit("depth_to_space", [y], attributes={"block": block}, shape=wide)
    # Of an axis with a stride of 1 the first row of each block counts.
    steps = [block // stride for stride in strides]
    begins = [padding[i] * steps[i] for i in (0, 1)]
    ends = [begins[i] + (sides[i] - 1) * steps[i] + 1 for i in (0, 1)]
    kept = _shape(len(bias), sides)
    if kept == wide:
        return y
    attributes = {
        "h_begin": begins[0],
        "h_end": ends[0],
        "h_step": steps[0],
        "w_begin": begins[1],
        "w_end": ends[1],
        "w_step": steps[1],
    }
    return call.emit("slice", [y], attributes=attributes, shape=kept)


def _shape(channels: int, sides: list[int] | Pair) -> Shape:
    """Return (C, H, W)."""
    return (channels, sides[0], sides[1])


def _dilated(weight: Tensor, dilation: Pair) -> Tensor:
    """Return the weight with the zeros that a dilation puts between its rows and columns."""
    if dilation == (1, 1):
        return weight
    sizes = [dilation[i] * (weight.shape[2 + i] - 1) + 1 for i in (0, 1)]
    dilated = weight.new_zeros(*weight.shape[:2], *sizes)
    dilated[:, :, :: dilation[0], :: dilation[1]] = weight
    return dilated


def _spread(weight: Tensor, strides: Pair, block: int) -> Tensor:
    """Return the weights of each phase (inputs, outputs, block, block, rows, columns).

    Those of phase r are w[r], w[r + stride], ...; of an axis with a stride of 1 all but phase 0 are
    zero.
    """
    inputs, outputs, rows, columns = weight.shape
    taps = -(-rows // strides[0]), -(-columns // strides[1])
    padded = weight.new_zeros(inputs, outputs, taps[0] * strides[0], taps[1] * strides[1])
    padded[:, :, :rows, :columns] = weight
    parts = padded.reshape(inputs, outputs, taps[0], strides[0], taps[1], strides[1])
    spread = weight.new_zeros(inputs, outputs, block, block, *taps)
    spread[:, :, : strides[0], : strides[1]] = parts.permute(0, 1, 3, 5, 2, 4)
    return spread
