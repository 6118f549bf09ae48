"""Lowers pooling. An adaptive pool whose windows all have one size becomes a plain pool."""

from __future__ import annotations

from collections.abc import Mapping

from edgebin.exporter.aten.call import Activation, Call


def _window(kernel: tuple[int, int], stride: tuple[int, int]) -> dict[str, int]:
    return {
        "kernel_h": kernel[0],
        "kernel_w": kernel[1],
        "stride_h": stride[0],
        "stride_w": stride[1],
    }


def _stride(call: Call, kernel: tuple[int, int]) -> tuple[int, int]:
    return call.pair("stride") if call.plain("stride") else kernel


def max_pool2d(call: Call) -> Activation:
    """Lower torch.nn.MaxPool2d; `ceil_mode` becomes padding below and on the right."""
    kernel, dilation, padding = (
        call.pair("kernel_size"),
        call.pair("dilation"),
        call.pair("padding"),
    )
    stride = _stride(call, kernel)
    after = list(padding)
    if call.plain("ceil_mode"):
        sizes, results = call.input_shape("self")[-2:], call.output_shape[-2:]
        for axis in (0, 1):
            reach = (results[axis] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1
            after[axis] = max(padding[axis], reach - sizes[axis] - padding[axis])
    attributes = _window(kernel, stride) | {
        "dilation_h": dilation[0],
        "dilation_w": dilation[1],
        "pad_top": padding[0],
        "pad_left": padding[1],
        "pad_bottom": after[0],
        "pad_right": after[1],
    }
    return call.emit("max_pool", [call.activation("self")], attributes=attributes)


def avg_pool2d(call: Call) -> Activation:
    """Lower torch.nn.AvgPool2d."""
    kernel, padding = call.pair("kernel_size"), call.pair("padding")
    stride = _stride(call, kernel)
    if call.plain("divisor_override") is not None:
        raise call.refuse("average pool with divisor_override", "the window's own size as divisor")
    sizes = call.input_shape("self")[-2:]
    if call.plain("ceil_mode") and any(
        (sizes[axis] + 2 * padding[axis] - kernel[axis]) % stride[axis] for axis in (0, 1)
    ):
        raise call.refuse("average pool with ceil_mode on a size that it rounds", "ceil_mode=False")
    attributes = _window(kernel, stride) | {
        "pad_top": padding[0],
        "pad_left": padding[1],
        "pad_bottom": padding[0],
        "pad_right": padding[1],
        "include_pad": int(bool(call.plain("count_include_pad"))),
    }
    return call.emit("avg_pool", [call.activation("self")], attributes=attributes)


def _adaptive(call: Call, kind: str) -> Activation:
    height, width = call.input_shape("self")[-2:]
    out_h, out_w = call.output_shape[-2:]
    attributes: Mapping[str, int]
    if height % out_h or width % out_w:
        attributes = {"out_h": out_h, "out_w": out_w}
        return call.emit(f"adaptive_{kind}", [call.activation("self")], attributes=attributes)
    kernel = (height // out_h, width // out_w)
    return call.emit(kind, [call.activation("self")], attributes=_window(kernel, kernel))


def adaptive_avg_pool2d(call: Call) -> Activation:
    """Lower torch.nn.AdaptiveAvgPool2d, global pooling included."""
    return _adaptive(call, "avg_pool")


def adaptive_max_pool2d(call: Call) -> Activation:
    """Lower torch.nn.AdaptiveMaxPool2d."""
    return _adaptive(call, "max_pool")


def mean(call: Call) -> Activation:
    """Lower x.mean((2, 3)), with or without keepdim: global average pooling."""
    shape = call.input_shape("self")
    axes = {int(axis) % len(shape) for axis in call.plain("dim") or ()}
    if len(shape) != 4 or axes != {2, 3}:
        raise call.refuse(f"mean over dimensions {sorted(axes)} of {shape}", "mean over (2, 3)")
    return call.emit(
        "avg_pool", [call.activation("self")], attributes=_window(shape[2:], shape[2:])
    )
