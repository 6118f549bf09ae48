"""Lowers resizes and paddings."""

from __future__ import annotations

import math

import numpy as np
import torch

from edgebin.errors import ExportError
from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.aten.tensor_shapes import Shape
from edgebin.graph.ir import Array
from edgebin.graph.ops.shape.pad import MODES
from edgebin.graph.ops.shape.resize_nearest import positions
from edgebin.graph.ops.signature import MAX_PADDING


def nearest(call: Call) -> Activation:
    """Lower torch.nn.functional.interpolate with mode "nearest" or "nearest-exact"."""
    exact = int("exact" in call.operator)
    x, size = call.image("input"), call.sides(call.output_shape)
    held = call.shape(x)
    if not x.known or held is None:
        return call.unknown()
    for before, after, axis in zip(held[1:], size, (-2, -1), strict=True):
        if call.is_line and axis == -2:
            continue
        numbers = torch.arange(before, dtype=torch.float32)
        shape = [1] * len(call.output_shape)
        shape[axis] = before
        sides = call.input_shape("input")[2:]
        image = numbers.reshape(shape).expand(1, 1, *sides)
        found = call.on_tensor("input", image.contiguous())
        taken = found.movedim(axis, 0).reshape(after, -1)[:, 0].numpy()
        if not np.array_equal(taken, positions(before, after, exact)):
            raise _uneven(call)
    attributes = {"out_h": size[0], "out_w": size[1], "exact": exact}
    return call.emit("resize_nearest", [x], attributes=attributes)


def linear(call: Call) -> Activation:
    """Lower torch.nn.functional.interpolate with mode "bilinear" or "linear"."""
    x, size = call.image("input"), call.sides(call.output_shape)
    held = call.shape(x)
    if not x.known or held is None:
        return call.unknown()
    corners = int(bool(call.plain("align_corners")))
    factors = (call.plain("scale_factors") if call.has("scale_factors") else None) or ()
    sizes = zip(reversed(factors), reversed(held[1:]), reversed(size), strict=False)  # of lines one
    if not corners and any(before * factor != after for factor, before, after in sizes):
        raise _uneven(call)
    attributes = {"out_h": size[0], "out_w": size[1], "align_corners": corners}
    return call.emit("resize_bilinear", [x], attributes=attributes)


def _uneven(call: Call) -> ExportError:
    return call.refuse(
        f"a resize of {call.input_shape('input')} by a factor that gives no whole size",
        "size=(height, width) instead of scale_factor",
    )


def pad(call: Call) -> Activation:
    """Lower torch.nn.functional.pad of rows and columns; what is negative is cut off."""
    mode = str(call.plain("mode")) if call.has("mode") else "constant"
    given = call.plain("value") if call.has("value") else None
    return _padded(call, mode, 0.0 if given is None else float(given))


def reflection_pad(call: Call) -> Activation:
    """Lower torch.nn.ReflectionPad2d and 1d."""
    return _padded(call, "reflect", 0.0)


def replication_pad(call: Call) -> Activation:
    """Lower torch.nn.ReplicationPad2d and 1d."""
    return _padded(call, "replicate", 0.0)


def _padded(call: Call, mode: str, value: float) -> Activation:
    name = "self" if call.has("self") else "input"
    x = call.activation(name)
    held, shape = call.shape(x), call.input_shape(name)
    if not x.known or held is None:
        return call.unknown()
    if shape[1:] != held and (held[1] != 1 or shape[1:] != (held[0], held[2])):
        raise call.refuse(f"padding of a tensor of shape {shape}", "padding of images or lines")
    pads = [int(number) for number in call.plain("pad" if call.has("pad") else "padding")]
    if any(pads[2 * (len(shape) - 2) :]):
        raise call.refuse("padding of channels", "torch.cat with what is to be added")
    sides = [*pads, 0, 0, 0, 0][: 2 * (len(shape) - 2)]
    left, right, top, bottom = (*sides, 0, 0)[:4]
    if math.isnan(value):
        raise call.refuse("padding with NaN", "a number")
    keys = ("pad_top", "pad_left", "pad_bottom", "pad_right")
    amounts = dict(zip(keys, (top, left, bottom, right), strict=True))
    x, held = _cut(call, x, held, amounts)
    if mode == "reflect" and (max(top, bottom) >= held[1] or max(left, right) >= held[2]):
        found = f"a reflection of {max(amounts.values())} rows or columns at a cut image"
        raise call.refuse(found, "torch.nn.functional.pad first, then a slice")
    attributes = {key: amount for key, amount in amounts.items() if amount > 0}
    if not attributes:
        return x
    constants: dict[str, Array] = {}
    if mode != "constant":
        attributes["mode"] = MODES.index(mode)
    elif value != 0.0:
        constants["value"] = np.array([value])
    if max(amounts.values()) > MAX_PADDING:
        raise call.refuse(f"padding of {max(amounts.values())}", f"at most {MAX_PADDING}")
    padded = (
        held[0],
        held[1] + max(0, top) + max(0, bottom),
        held[2] + max(0, left) + max(0, right),
    )
    return call.emit("pad", [x], constants=constants, attributes=attributes, shape=padded)


def _cut(
    call: Call, x: Activation, held: Shape, amounts: dict[str, int]
) -> tuple[Activation, Shape]:
    """Return what negative padding leaves of an image, and its shape."""
    cuts = {key: max(0, -amount) for key, amount in amounts.items()}
    if not any(cuts.values()):
        return x, held
    channels, height, width = held
    attributes = {
        "h_begin": cuts["pad_top"],
        "h_end": height - cuts["pad_bottom"],
        "w_begin": cuts["pad_left"],
        "w_end": width - cuts["pad_right"],
    }
    left = (
        channels,
        attributes["h_end"] - attributes["h_begin"],
        attributes["w_end"] - attributes["w_begin"],
    )
    return call.emit("slice", [x], attributes=attributes, shape=left), left
