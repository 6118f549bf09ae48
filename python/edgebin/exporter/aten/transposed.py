"""Lowers transposed convolutions of stride 1: convolutions with the kernel turned around.

y[o] = sum over k of x[o + padding - dilation k] w[k], so window position j of the convolution has
the weight of k = K - 1 - j, and the image gets dilation (K - 1) - padding rows in front of it.
"""

from __future__ import annotations

import numpy as np
import torch

from edgebin.exporter.aten.call import Activation, Call


def conv_transpose2d(call: Call) -> Activation:
    """Lower torch.nn.ConvTranspose2d of stride 1."""
    if call.pair("stride") != (1, 1):
        raise call.refuse("a transposed convolution with a stride", "stride=1")
    x, weight = call.image("input"), call.tensor("weight")
    if weight is None or not bool(torch.isfinite(weight).all()):
        raise call.refuse("a weight that is not finite", "finite weights")
    groups, dilation = int(call.plain("groups")), call.pair("dilation")
    padding, extra = call.pair("padding"), call.pair("output_padding")
    before = [dilation[i] * (weight.shape[2 + i] - 1) - padding[i] for i in (0, 1)]
    if min(before) < 0:
        raise call.refuse(f"a transposed convolution with padding {padding}", "a smaller padding")
    # (inputs, outputs of a group, rows, columns) to (outputs, inputs of a group, rows, columns)
    grouped = weight.float().reshape(groups, -1, *weight.shape[1:])
    turned = grouped.transpose(1, 2).flatten(0, 1).flip(2, 3)
    bias = call.reals("bias", default=0.0, size=turned.shape[0])
    if not np.isfinite(bias).all():
        raise call.refuse("a bias that is not finite", "finite biases")
    attributes = {
        "stride_h": 1,
        "stride_w": 1,
        "dilation_h": dilation[0],
        "dilation_w": dilation[1],
        "pad_top": before[0],
        "pad_left": before[1],
        "pad_bottom": before[0] + extra[0],
        "pad_right": before[1] + extra[1],
        "groups": groups,
    }
    constants = {
        "weights": np.ascontiguousarray(turned.permute(0, 2, 3, 1).numpy()),
        "scale": np.ones(turned.shape[0]),
        "bias": bias,
    }
    return call.emit("conv", [x], constants=constants, attributes=attributes)
