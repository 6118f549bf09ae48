"""The parts that all networks are built of: first and last layers by kind, widths, MSRA init.

It holds what the families share and refuses to know any topology.
"""

from __future__ import annotations

from typing import Literal, get_args

from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.hwgq import HWGQ
from edgebin.nn.int8 import Int8Conv2d, Int8Linear

Kind = Literal["float32", "int8", "binary"]
KINDS: tuple[str, ...] = get_args(Kind)
EPS = 1e-5

_CONVS: dict[str, type[nn.Conv2d]] = {
    "float32": nn.Conv2d,
    "int8": Int8Conv2d,
    "binary": BinaryConv2d,
}
_LINEARS: dict[str, type[nn.Linear]] = {
    "float32": nn.Linear,
    "int8": Int8Linear,
    "binary": BinaryLinear,
}


def scaled(channels: int, width: float) -> int:
    """Channels times width, rounded, at least one."""
    return max(1, round(channels * width))


def stem_conv(kind: str, out: int, kernel: int, *, stride: int, padding: int) -> nn.Conv2d:
    """The convolution over the picture's three channels, without bias.

    Raises:
        OptionError: unknown kind.
    """
    if kind not in KINDS:
        raise OptionError(f"network option first: expected {', '.join(KINDS)}, found {kind!r}")
    return _CONVS[kind](3, out, kernel, stride=stride, padding=padding, bias=False)


def head_linear(kind: str, features: int, classes: int) -> nn.Linear:
    """The layer that gives the logits, with bias.

    Raises:
        OptionError: unknown kind.
    """
    if kind not in KINDS:
        raise OptionError(f"network option last: expected {', '.join(KINDS)}, found {kind!r}")
    return _LINEARS[kind](features, classes)


class ConvUnit(nn.Module):
    """Convolution -> max pool, if any -> batch norm -> HWGQ, the order of HWGQ-Net.

    Args:
        conv: the convolution; (N, C, H, W) float in, (N, out, H', W') out.
        pool: a max pool or None.
        affine: whether the batch norm has a learned scale and shift.
        backward: gradient estimator of HWGQ.
    """

    def __init__(
        self, conv: nn.Conv2d, pool: nn.MaxPool2d | None, *, affine: bool, backward: str
    ) -> None:
        """Make the norm that fits the convolution."""
        super().__init__()
        self.conv = conv
        self.pool = nn.Identity() if pool is None else pool
        self.norm = nn.BatchNorm2d(conv.out_channels, EPS, affine=affine)
        self.act = HWGQ(backward=backward)

    def forward(self, x: Tensor) -> Tensor:
        """HWGQ levels of shape (N, out, H', W')."""
        y: Tensor = self.act(self.norm(self.pool(self.conv(x))))
        return y


class LinearUnit(nn.Module):
    """Binary linear layer -> batch norm -> HWGQ: (N, features) -> (N, out)."""

    def __init__(self, features: int, out: int, *, affine: bool, backward: str) -> None:
        """Make the layers."""
        super().__init__()
        self.linear = BinaryLinear(features, out, bias=False)
        self.norm = nn.BatchNorm1d(out, EPS, affine=affine)
        self.act = HWGQ(backward=backward)

    def forward(self, x: Tensor) -> Tensor:
        """HWGQ levels of shape (N, out)."""
        y: Tensor = self.act(self.norm(self.linear(x)))
        return y


def msra_init(network: nn.Module) -> None:
    """N(0, 2 / fan_in) for every weight of a convolution or linear layer, zero biases.

    Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, equation 10.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
