"""The padding of a convolution as the two numbers that a captured graph carries.

The runtime pads with zeros, as much above as below and as much left as right. Everything else
that `nn.Conv2d` offers trains well and is refused here, when the network is captured.
"""

from __future__ import annotations

from torch import nn

from edgebin.errors import ExportError


def captured_padding(conv: nn.Conv2d) -> list[int]:
    """Zero padding (rows, columns) of a convolution.

    Args:
        conv: a convolution with integer, "same" or "valid" padding.

    Returns:
        Two integers: padding on either side of the height, then of the width.

    Raises:
        ExportError: the padding is not of zeros, or "same" needs one more zero on one side.
    """
    name = type(conv).__name__
    if conv.padding_mode != "zeros":
        raise ExportError(
            f"{name}: padding_mode is {conv.padding_mode!r}, the runtime pads with zeros only; "
            "train with padding_mode='zeros'"
        )
    if not isinstance(conv.padding, str):
        return [int(size) for size in conv.padding]
    if conv.padding == "valid":
        return [0, 0]
    spans = [d * (k - 1) for d, k in zip(conv.dilation, conv.kernel_size, strict=True)]
    if any(span % 2 for span in spans):
        raise ExportError(
            f"{name}: padding 'same' with kernel {tuple(conv.kernel_size)} and dilation "
            f"{tuple(conv.dilation)} pads one side more than the other; use an odd kernel or "
            "integer padding"
        )
    return [span // 2 for span in spans]
