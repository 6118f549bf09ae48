"""Building blocks of all networks: layers in one style, widths, MSRA initialisation.

A style says which weights and activations the layers have, so that one topology gives the binary
network, its teacher with real weights and its float baseline, with equal names of parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.hwgq import BACKWARDS, HWGQ, THRESHOLDS
from edgebin.nn.int8 import Int8Conv2d, Int8Linear

EPS = 1e-5

_CONVS: Mapping[str, type[nn.Conv2d]] = MappingProxyType(
    {"float32": nn.Conv2d, "int8": Int8Conv2d, "binary": BinaryConv2d}
)
_LINEARS: Mapping[str, type[nn.Linear]] = MappingProxyType(
    {"float32": nn.Linear, "int8": Int8Linear, "binary": BinaryLinear}
)
KINDS = tuple(_CONVS)
HIDDEN_KINDS = ("binary", "float32")
ACTIVATIONS = ("hwgq", "relu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the layers of a network are.

    Attributes:
        first: weights of the first convolution, one of KINDS.
        last: weights of the last layer, one of KINDS.
        affine: whether batch norms have a learned scale and shift.
        backward: gradient estimator of HWGQ, one of `hwgq.BACKWARDS`.
        weights: weights of all other layers, one of HIDDEN_KINDS.
        activations: "hwgq", or "relu" for real ones.
        thresholds: of HWGQ, one of `hwgq.THRESHOLDS`.

    Raises:
        OptionError: none of these.
    """

    first: str = "float32"
    last: str = "float32"
    affine: bool = False
    backward: str = "clipped"
    weights: str = "binary"
    activations: str = "hwgq"
    thresholds: str = "half-wave"

    def __post_init__(self) -> None:
        """Check every choice."""
        choices = {
            "first": KINDS,
            "last": KINDS,
            "backward": BACKWARDS,
            "weights": HIDDEN_KINDS,
            "activations": ACTIVATIONS,
            "thresholds": tuple(THRESHOLDS),
        }
        for name, known in choices.items():
            choice = getattr(self, name)
            if choice not in known:
                expected = ", ".join(known)
                raise OptionError(f"network option {name}: expected {expected}, found {choice!r}")

    def stem(self, out: int, kernel: int, *, stride: int, padding: int) -> nn.Conv2d:
        """Return the convolution over the image's three channels, without bias."""
        return _CONVS[self.first](3, out, kernel, stride=stride, padding=padding, bias=False)

    def head(self, features: int, classes: int) -> nn.Linear:
        """Return the layer that gives the logits, with bias."""
        return _LINEARS[self.last](features, classes)

    def conv(self, channels: int, out: int, kernel: int, *, stride: int = 1) -> nn.Conv2d:
        """Return a hidden convolution without bias that keeps the size, up to its stride."""
        kind = _CONVS[self.weights]
        return kind(channels, out, kernel, stride=stride, padding=kernel // 2, bias=False)

    def linear(self, features: int, out: int) -> nn.Linear:
        """Return a hidden linear layer without bias."""
        return _LINEARS[self.weights](features, out, bias=False)

    def norm2d(self, channels: int) -> nn.BatchNorm2d:
        """Return the batch norm of a convolution's output."""
        return nn.BatchNorm2d(channels, EPS, affine=self.affine)

    def norm1d(self, features: int) -> nn.BatchNorm1d:
        """Return the batch norm of a linear layer's output."""
        return nn.BatchNorm1d(features, EPS, affine=self.affine)

    def act(self) -> nn.Module:
        """Return the activation behind a batch norm."""
        if self.activations == "relu":
            return nn.ReLU()
        return HWGQ(backward=self.backward, thresholds=self.thresholds)


def scaled(channels: int, width: float) -> int:
    """Return channels times width, rounded, at least one."""
    return max(1, round(channels * width))


class ConvUnit(nn.Module):
    """Convolution -> max pool, if any -> batch norm -> activation, the order of HWGQ-Net.

    Args:
        conv: the convolution; (N, C, H, W) float in, (N, out, H', W') out.
        pool: a max pool or None.
        style: of the batch norm and the activation.
    """

    def __init__(self, conv: nn.Conv2d, pool: nn.MaxPool2d | None, style: Style) -> None:
        """Make the norm that fits the convolution."""
        super().__init__()
        self.conv = conv
        self.pool = nn.Identity() if pool is None else pool
        self.norm = style.norm2d(conv.out_channels)
        self.act = style.act()

    def forward(self, x: Tensor) -> Tensor:
        """Return HWGQ levels, or real values, of shape (N, out, H', W')."""
        y: Tensor = self.act(self.norm(self.pool(self.conv(x))))
        return y


class LinearUnit(nn.Module):
    """Linear layer -> batch norm -> activation: (N, features) -> (N, out)."""

    def __init__(self, features: int, out: int, style: Style) -> None:
        """Make the layers."""
        super().__init__()
        self.linear = style.linear(features, out)
        self.norm = style.norm1d(out)
        self.act = style.act()

    def forward(self, x: Tensor) -> Tensor:
        """Return HWGQ levels, or real values, of shape (N, out)."""
        y: Tensor = self.act(self.norm(self.linear(x)))
        return y


def msra_init(network: nn.Module) -> None:
    """Initialise weights of convolutions and linear layers by N(0, 2 / fan_in), biases by zero.

    Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, equation 10.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
