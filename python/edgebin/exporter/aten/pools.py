"""Lowers pooling. An adaptive pool whose windows all have one size becomes a plain pool."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from edgebin.exporter.aten.affine import uniform
from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation

_REDUCTIONS = {"avg_pool": "reduce_mean", "max_pool": "reduce_max"}
"""Over channels, by the pool that reduces pixels."""


def _window(kernel: tuple[int, int], stride: tuple[int, int]) -> dict[str, int]:
    return {
        "kernel_h": kernel[0],
        "kernel_w": kernel[1],
        "stride_h": stride[0],
        "stride_w": stride[1],
    }


def _stride(call: Call, kernel: tuple[int, int]) -> tuple[int, int]:
    return call.pair("stride") if call.plain("stride") else kernel


def _padding_after(
    call: Call,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int, int],
) -> tuple[int, int]:
    """Return the padding below and on the right: with ceil_mode, the last window has to fit."""
    if not call.plain("ceil_mode"):
        return padding
    sizes, results = call.sides(call.input_shape("self")), call.sides(call.output_shape)
    reach = [
        (results[axis] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1
        for axis in (0, 1)
    ]
    below, right = (
        max(padding[axis], reach[axis] - sizes[axis] - padding[axis]) for axis in (0, 1)
    )
    return (below, right)


def max_pool2d(call: Call) -> Activation:
    """Lower MaxPool2d and MaxPool1d; `ceil_mode` becomes padding below and on the right."""
    kernel, dilation, padding = (
        call.pair("kernel_size"),
        call.pair("dilation"),
        call.pair("padding"),
    )
    stride = _stride(call, kernel)
    after = _padding_after(call, kernel, stride, dilation, padding)
    attributes = _window(kernel, stride) | {
        "dilation_h": dilation[0],
        "dilation_w": dilation[1],
        "pad_top": padding[0],
        "pad_left": padding[1],
        "pad_bottom": after[0],
        "pad_right": after[1],
    }
    return call.emit("max_pool", [call.image("self")], attributes=attributes)


def avg_pool2d(call: Call) -> Activation:
    """Lower torch.nn.AvgPool2d and AvgPool1d."""
    kernel, padding = call.pair("kernel_size"), call.pair("padding")
    stride = _stride(call, kernel)
    if call.has("divisor_override") and call.plain("divisor_override") is not None:
        raise call.refuse("average pool with divisor_override", "the window's own size as divisor")
    counted = bool(call.plain("count_include_pad"))
    after = _padding_after(call, kernel, stride, (1, 1), padding)
    if after != padding:  # what ceil_mode adds is never counted
        counted = counted and max(padding) > 0
    if after != padding and counted:
        raise call.refuse(
            "average pool with ceil_mode on a size that it rounds, and padding that it counts",
            "ceil_mode=False or count_include_pad=False",
        )
    attributes = _window(kernel, stride) | {
        "pad_top": padding[0],
        "pad_left": padding[1],
        "pad_bottom": after[0],
        "pad_right": after[1],
        "include_pad": int(counted),
    }
    return call.emit("avg_pool", [call.image("self")], attributes=attributes)


def _adaptive(call: Call, kind: str) -> Activation:
    height, width = call.sides(call.input_shape("self"))
    out_h, out_w = call.sides(call.output_shape)
    attributes: Mapping[str, int]
    if height % out_h or width % out_w:
        attributes = {"out_h": out_h, "out_w": out_w}
        return call.emit(f"adaptive_{kind}", [call.image("self")], attributes=attributes)
    kernel = (height // out_h, width // out_w)
    return call.emit(kind, [call.image("self")], attributes=_window(kernel, kernel))


def adaptive_avg_pool2d(call: Call) -> Activation:
    """Lower torch.nn.AdaptiveAvgPool2d, global pooling included."""
    return _adaptive(call, "avg_pool")


def adaptive_max_pool2d(call: Call) -> Activation:
    """Lower torch.nn.AdaptiveMaxPool2d."""
    return _adaptive(call, "max_pool")


def mean(call: Call) -> Activation:
    """Lower x.mean, with or without keepdim: average pooling, or a mean over channels too."""
    return _reduced(call, "avg_pool", "mean")


def amax(call: Call) -> Activation:
    """Lower x.amax, and the values of x.max: maximum pooling, or a maximum over channels too."""
    return _reduced(call, "max_pool", "maximum")


def total(call: Call) -> Activation:
    """Lower x.sum: the mean times the number of elements."""
    pooled = _reduced(call, "avg_pool", "sum")
    if not pooled.known:
        return pooled
    count = math.prod(call.input_shape("self")) / math.prod(call.output_shape)
    summed = uniform(call, replace(pooled, order=None), count, 0.0)
    return replace(summed, order=pooled.order, name=pooled.name)


def _reduced(call: Call, kind: str, word: str) -> Activation:
    shape = call.input_shape("self")
    given = call.plain("dim")
    dims = [given] if isinstance(given, int) else list(given or range(len(shape)))
    axes = {int(axis) % len(shape) for axis in dims}
    if 0 in axes:
        raise call.refuse(f"{word} over the batch, dimension 0 of {shape}", "other dimensions")
    if len(shape) > 4:
        return _over_any(call, axes, kind)
    x = call.activation("self")
    held = call.shape(x)
    if not x.known or held is None:
        return call.unknown()
    window = _window_of(axes, shape, held)
    if window is None and axes <= {1, 2, 3} and (len(shape) == 2 or shape[1:] == held):
        return _over_channels(call, x, axes, held, kind)
    if window is None:
        return _over_any(call, axes, kind)
    after = (held[0], held[1] // window[0], held[2] // window[1])
    return call.emit(kind, [x], attributes=_window(window, window), shape=after)


def _over_channels(
    call: Call, x: Activation, axes: set[int], held: tuple[int, int, int], kind: str
) -> Activation:
    over = {f"over_{name}": int(axis in axes) for name, axis in (("h", 2), ("w", 3), ("c", 1))}
    sizes = (1 if axis in axes else size for axis, size in enumerate(held, 1))
    channels, height, width = sizes
    return call.emit(_REDUCTIONS[kind], [x], attributes=over, shape=(channels, height, width))


def _over_any(call: Call, axes: set[int], kind: str) -> Activation:
    """Return a reduction over any dimensions but the batch, brought to the channels."""
    part = call.part("self")
    if not part.value.known:
        return call.unknown()
    sizes = part.numbers.shape
    reduced = sorted(axis - 1 for axis in axes)
    count = math.prod(sizes[axis] for axis in reduced)
    first = np.moveaxis(part.numbers, reduced, range(len(reduced))).reshape(count, -1)
    rest = first.shape[1]
    x = call.lay_out(part.value, first)
    image = call.emit(_REDUCTIONS[kind], [x], attributes={"over_c": 1}, shape=(1, 1, rest))
    order = np.arange(rest, dtype=np.intp).reshape(call.output_shape[1:])
    return replace(image, order=order, name=call.path)


def _window_of(
    axes: set[int], shape: tuple[int, ...], held: tuple[int, int, int]
) -> tuple[int, int] | None:
    """Return the window that covers these dimensions; None if they are not rows or columns."""
    if not axes <= {2, 3}:
        return None
    if len(shape) == 3 and axes == {2}:
        return held[1:]
    if len(shape) != 4 or shape[1:] != held:
        return None
    return (held[1] if 2 in axes else 1, held[2] if 3 in axes else 1)
