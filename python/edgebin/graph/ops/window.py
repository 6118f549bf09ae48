"""The window of a convolution or a pool: where the taps of each output position lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Node, ValueType
from edgebin.graph.ops.signature import MAX_KERNEL, MAX_PADDING, Key, refusal

KERNEL_KEYS = {"kernel_h": Key(1, MAX_KERNEL), "kernel_w": Key(1, MAX_KERNEL)}
STRIDE_KEYS = {"stride_h": Key(1, MAX_KERNEL, 1), "stride_w": Key(1, MAX_KERNEL, 1)}
DILATION_KEYS = {"dilation_h": Key(1, MAX_KERNEL, 1), "dilation_w": Key(1, MAX_KERNEL, 1)}
PADDING_KEYS = {
    key: Key(0, MAX_PADDING, 0) for key in ("pad_top", "pad_left", "pad_bottom", "pad_right")
}

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Window:
    """A window's geometry, each pair (vertical, horizontal).

    Args:
        kernel: taps.
        stride: input positions from one output position to the next.
        dilation: input positions from one tap to the next.
        before: padded positions above and to the left of the image.
        after: padded positions below and to the right of it.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, kernel: tuple[int, int], attributes: Mapping[str, int]) -> Window:
        """Return the window of a node whose attributes are checked and complete.

        A missing `dilation_*` is 1: the operator has none.
        """
        return cls(
            kernel=kernel,
            stride=(attributes["stride_h"], attributes["stride_w"]),
            dilation=(attributes.get("dilation_h", 1), attributes.get("dilation_w", 1)),
            before=(attributes["pad_top"], attributes["pad_left"]),
            after=(attributes["pad_bottom"], attributes["pad_right"]),
        )

    @property
    def extent(self) -> tuple[int, int]:
        """Input positions that the dilated kernel spans."""
        (kernel_h, kernel_w), (dilation_h, dilation_w) = self.kernel, self.dilation
        return dilation_h * (kernel_h - 1) + 1, dilation_w * (kernel_w - 1) + 1

    def output(self, height: int, width: int) -> tuple[int, int]:
        """Return height and width of the output; below 1 where the window does not fit."""
        rows, columns = (
            (size + before + after - extent) // stride + 1
            for size, before, after, extent, stride in zip(
                (height, width), self.before, self.after, self.extent, self.stride, strict=True
            )
        )
        return rows, columns

    def checked_output(self, node: Node, x: ValueType) -> tuple[int, int]:
        """Return height and width of the output; refuse a window larger than the padded input."""
        height, width, _ = x.shape
        rows, columns = self.output(height, width)
        if rows < 1 or columns < 1:
            padded_h = height + self.before[0] + self.after[0]
            padded_w = width + self.before[1] + self.after[1]
            raise refusal(
                node,
                "window.size",
                f"window spans {self.extent[0]}x{self.extent[1]},"
                f" padded input has {padded_h}x{padded_w}",
            )
        return rows, columns

    def taps(self, x: npt.NDArray[_T], fill: float) -> Iterator[tuple[int, int, npt.NDArray[_T]]]:
        """Yield (row in the kernel, column in the kernel, what that tap sees), row by row.

        Args:
            x: (N, H, W, C).
            fill: what lies outside the image.

        Yields:
            Views (N, output height, output width, C) of the padded image.
        """
        height, width = self.output(x.shape[1], x.shape[2])
        pads = ((0, 0), *zip(self.before, self.after, strict=True), (0, 0))
        padded = np.pad(x, pads, constant_values=fill)
        for ky in range(self.kernel[0]):
            for kx in range(self.kernel[1]):
                top, left = ky * self.dilation[0], kx * self.dilation[1]
                rows = slice(top, top + (height - 1) * self.stride[0] + 1, self.stride[0])
                columns = slice(left, left + (width - 1) * self.stride[1] + 1, self.stride[1])
                yield ky, kx, padded[:, rows, columns]


def pool_window(node: Node, attributes: Mapping[str, int]) -> Window:
    """Return a pool's window; refuse padding that would hold a whole window."""
    window = Window.of((attributes["kernel_h"], attributes["kernel_w"]), attributes)
    for axis, letter in enumerate("hw"):
        padding = max(window.before[axis], window.after[axis])
        if padding >= window.extent[axis]:
            raise refusal(
                node,
                "window.padding",
                f"padding is less than the window's {window.extent[axis]} (kernel_{letter},"
                f" dilated), found {padding}",
            )
    return window
