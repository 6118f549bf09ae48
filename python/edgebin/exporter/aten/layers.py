"""Lowers convolutions, linear layers, batch norms, activations and softmax.

Convolutions and linear layers keep their weights as the file will hold them (bits, int8 or float32,
row-major over window row, window column, input channel). Their `scale` and `bias` are computed and
kept in float64; torch's float32 results differ from that in the last bits only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.dialect import BATCH_NORM, STEP, THRESHOLD, Reals
from edgebin.graph.ir import Array
from edgebin.nn.weights import binary_scale, int8_codes, int8_scale


@dataclass(frozen=True, slots=True)
class _Weights:
    """stored x scale is the layer's weight, scale per output channel."""

    stored: Array
    scale: Reals


def _float32(weight: Tensor) -> _Weights:
    return _Weights(weight.float().numpy(), np.ones(weight.shape[0]))


def _int8(weight: Tensor) -> _Weights:
    exact = weight.double()
    return _Weights(int8_codes(exact).to(torch.int8).numpy(), _per_channel(int8_scale(exact)))


def _binary(weight: Tensor) -> _Weights:
    return _Weights((weight >= 0).numpy(), _per_channel(binary_scale(weight.double())))


def _per_channel(scale: Tensor) -> Reals:
    return np.asarray(scale.numpy(), np.float64).reshape(-1)


_Quantiser = Callable[[Tensor], _Weights]


def _weight(call: Call) -> Tensor:
    weight = call.tensor("weight")
    if weight is None:
        raise call.refuse("a layer without weight", "a weight parameter")
    if not bool(torch.isfinite(weight).all()):
        raise call.refuse("a weight that is not finite", "finite weights")
    return weight


def _bias(call: Call, channels: int) -> Reals:
    bias = call.reals("bias", default=0.0, size=channels)
    if not np.isfinite(bias).all():
        raise call.refuse("a bias that is not finite", "finite biases")
    return bias


def _conv(call: Call, quantiser: _Quantiser, padding: tuple[int, int]) -> Activation:
    if len(call.output_shape) != (3 if call.is_line else 4):
        raise call.refuse(
            f"convolution with a result of shape {call.output_shape}", "a batch of images"
        )
    weight = _weight(call)
    weights = quantiser(weight.unsqueeze(2) if call.is_line else weight)
    (stride_h, stride_w), (dilation_h, dilation_w) = call.pair("stride"), call.pair("dilation")
    attributes = {
        "stride_h": stride_h,
        "stride_w": stride_w,
        "dilation_h": dilation_h,
        "dilation_w": dilation_w,
        "pad_top": padding[0],
        "pad_left": padding[1],
        "pad_bottom": padding[0],
        "pad_right": padding[1],
        "groups": int(call.plain("groups")),
    }
    return call.emit(
        "conv",
        [call.image(_first(call))],
        constants={
            "weights": np.ascontiguousarray(weights.stored.transpose(0, 2, 3, 1)),
            "scale": weights.scale,
            "bias": _bias(call, weight.shape[0]),
        },
        attributes=attributes,
    )


def _first(call: Call) -> str:
    """Return the name of the activation: ATen calls it `input`, edgebin's operators `x`."""
    return "input" if call.has("input") else "x"


def conv2d(call: Call) -> Activation:
    """Lower torch.nn.Conv2d, and torch.nn.Conv1d as a convolution of height 1."""
    return _conv(call, _float32, call.pair("padding"))


def conv2d_named_padding(call: Call) -> Activation:
    """Lower torch.nn.Conv2d and Conv1d with padding "same" or "valid"."""
    if call.plain("padding") == "valid":
        return _conv(call, _float32, (0, 0))
    kernel = call.sides(tuple(_weight(call).shape))
    totals = [d * (k - 1) for d, k in zip(call.pair("dilation"), kernel, strict=True)]
    if any(total % 2 for total in totals):
        raise call.refuse(
            f'padding "same" of a {kernel[0]}x{kernel[1]} kernel, which is one-sided',
            "an odd kernel, or the padding in numbers",
        )
    return _conv(call, _float32, (totals[0] // 2, totals[1] // 2))


def int8_conv2d(call: Call) -> Activation:
    """Lower edgebin.nn.Int8Conv2d."""
    return _conv(call, _int8, call.pair("padding"))


def binary_conv2d(call: Call) -> Activation:
    """Lower edgebin.nn.BinaryConv2d."""
    return _conv(call, _binary, call.pair("padding"))


def _linear(call: Call, quantiser: _Quantiser) -> Activation:
    weight = _weight(call)
    weights = quantiser(weight)
    constants = {
        "weights": weights.stored,
        "scale": weights.scale,
        "bias": _bias(call, weight.shape[0]),
    }
    image = call.channels_last(_first(call))
    held = call.shape(image) if image is not None else None
    if image is None or held is None:
        return call.emit("linear", [call.vector(_first(call))], constants=constants)
    # Of each pixel, whose channels come last: a convolution of one tap.
    constants["weights"] = weights.stored[:, None, None]
    attributes = {"stride_h": 1, "stride_w": 1, "groups": 1}
    shape = (len(weight), *held[1:])
    y = call.emit("conv", [image], constants=constants, attributes=attributes, shape=shape)
    return call.put_last(y, _first(call))


def linear(call: Call) -> Activation:
    """Lower torch.nn.Linear."""
    return _linear(call, _float32)


def int8_linear(call: Call) -> Activation:
    """Lower edgebin.nn.Int8Linear."""
    return _linear(call, _int8)


def binary_linear(call: Call) -> Activation:
    """Lower edgebin.nn.BinaryLinear."""
    return _linear(call, _binary)


def batch_norm(call: Call) -> Activation:
    """Lower torch.nn.BatchNorm1d and BatchNorm2d with running statistics."""
    if call.tensor("running_mean") is None or call.tensor("running_var") is None:
        raise call.refuse(
            "batch norm without running statistics", "track_running_stats=True (the default)"
        )
    channels = call.input_shape("input")[1]
    variance = call.reals("running_var", default=1.0, size=channels)
    constants = {
        "mean": call.reals("running_mean", default=0.0, size=channels),
        "deviation": np.sqrt(variance + float(call.plain("eps"))),
        "gain": call.reals("weight", default=1.0, size=channels),
        "shift": call.reals("bias", default=0.0, size=channels),
    }
    if not all(np.isfinite(constant).all() for constant in constants.values()):
        raise call.refuse("batch norm with statistics that are not finite", "finite statistics")
    if not (constants["deviation"] > 0).all():
        raise call.refuse("batch norm with a variance and an eps of 0", "an eps above 0")
    return call.emit_like(BATCH_NORM, [call.activation("input")], constants=constants)


def hwgq(call: Call) -> Activation:
    """Lower edgebin.nn.HWGQ."""
    return _threshold(call, np.array([call.plain("thresholds")], np.float64), STEP, 0.0)


def threshold_activation(call: Call) -> Activation:
    """Lower edgebin.nn.ThresholdActivation."""
    thresholds = call.tensor("thresholds")
    if thresholds is None or bool(thresholds.isnan().any()):
        raise call.refuse("thresholds that are no numbers", "ascending thresholds")
    rows = np.asarray(thresholds.double().numpy(), np.float64)
    if not (rows[:, 1:] >= rows[:, :-1]).all():
        raise call.refuse("thresholds that do not ascend", "ascending thresholds")
    return _threshold(call, rows, float(call.plain("scale")), float(call.plain("offset")))


def _threshold(call: Call, thresholds: Reals, step: float, offset: float) -> Activation:
    x = call.activation("x")
    shape = call.input_shape("x")
    channels = shape[1] if len(shape) > 1 else shape[0]
    constants = {
        "thresholds": np.array(np.broadcast_to(thresholds, (channels, 3))),
        "step": np.array([step]),
        "offset": np.array([offset]),
    }
    return call.emit_like(THRESHOLD, [x], constants=constants)
