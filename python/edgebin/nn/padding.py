"""The padding of a convolution as the two numbers that a captured graph holds.

The runtime pads with zeros, as much above as below and as much left as right. Every other padding
of `nn.Conv2d` can be trained with and raises an error when the network is captured.
"""

from __future__ import annotations

from torch import nn

from edgebin.errors import ExportError


class PaddingError(ExportError):
    """A convolution whose padding the runtime lacks; who knows its name in the network adds it.

    Args:
        conv: the convolution.
        found: its padding.
        works: what to write instead.
    """

    def __init__(self, conv: nn.Conv2d, found: str, works: str) -> None:
        """Make the message, without the convolution's name."""
        super().__init__(f"{type(conv).__name__}: found {found}; what works: {works}")
        self.conv = conv
        self.found = found
        self.works = works


def captured_padding(conv: nn.Conv2d) -> list[int]:
    """Return the zero padding (rows, columns) of a convolution.

    Args:
        conv: a convolution with integer, "same" or "valid" padding.

    Returns:
        Two integers: padding on either side of the height, then of the width.

    Raises:
        PaddingError: the padding is not of zeros, or "same" needs one more zero on one side.
    """
    if conv.padding_mode != "zeros":
        raise PaddingError(
            conv, f"padding_mode {conv.padding_mode!r}", "training with padding_mode='zeros'"
        )
    if not isinstance(conv.padding, str):
        return [int(size) for size in conv.padding]
    if conv.padding == "valid":
        return [0, 0]
    spans = [d * (k - 1) for d, k in zip(conv.dilation, conv.kernel_size, strict=True)]
    if any(span % 2 for span in spans):
        kernel, dilation = tuple(conv.kernel_size), tuple(conv.dilation)
        raise PaddingError(
            conv,
            f"padding 'same' of kernel {kernel} and dilation {dilation}, which is one-sided",
            "an odd kernel, or the padding in numbers",
        )
    return [span // 2 for span in spans]
