"""AlexNet, single column: five convolutions and three linear layers, for large pictures.

96-256-384-384-256 channels, 11x11 of stride 4 first, 3x3 max pools of stride 2 after layers 1, 2
and 5, then 4096-4096-classes; a batch norm before each HWGQ, also between the linear layers
(HWGQ, arXiv 1702.00953, section 5). Hidden linear layers are binary. It refuses pictures too small
for its three pools, and it has no dropout.
"""

from __future__ import annotations

from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.binary import BinaryConv2d
from edgebin.nn.networks.parts import (
    ConvUnit,
    LinearUnit,
    head_linear,
    msra_init,
    scaled,
    stem_conv,
)

SMALLEST = 63


def _side(input_size: int) -> int:
    side = (input_size + 4 - 11) // 4 + 1
    for _ in range(3):
        side = (side - 3) // 2 + 1
    return side


class AlexNet(nn.Module):
    """AlexNet; see `alexnet` for its options."""

    def __init__(
        self,
        *,
        num_classes: int,
        input_size: int,
        width: float,
        first: str,
        last: str,
        affine: bool,
        backward: str,
    ) -> None:
        """Make and initialise the layers."""
        super().__init__()
        a, b, c = (scaled(channels, width) for channels in (96, 256, 384))
        hidden = scaled(4096, width)

        def unit(conv: nn.Conv2d, pooled: bool) -> ConvUnit:
            pool = nn.MaxPool2d(3, stride=2) if pooled else None
            return ConvUnit(conv, pool, affine=affine, backward=backward)

        def conv(before: int, out: int, kernel: int) -> BinaryConv2d:
            return BinaryConv2d(before, out, kernel, padding=kernel // 2, bias=False)

        def linear(features: int) -> LinearUnit:
            return LinearUnit(features, hidden, affine=affine, backward=backward)

        self.stem = unit(stem_conv(first, a, 11, stride=4, padding=2), pooled=True)
        self.layer2 = unit(conv(a, b, 5), pooled=True)
        self.layer3 = unit(conv(b, c, 3), pooled=False)
        self.layer4 = unit(conv(c, c, 3), pooled=False)
        self.layer5 = unit(conv(c, b, 3), pooled=True)
        self.layer6 = linear(b * _side(input_size) ** 2)
        self.layer7 = linear(hidden)
        self.head = head_linear(last, hidden, num_classes)
        msra_init(self)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of pictures (N, 3, input_size, input_size), float."""
        x = self.layer2(self.stem(x))
        x = self.layer5(self.layer4(self.layer3(x)))
        logits: Tensor = self.head(self.layer7(self.layer6(x.flatten(1))))
        return logits


def alexnet(
    *,
    num_classes: int = 1000,
    input_size: int = 224,
    width: float = 1.0,
    first: str = "float32",
    last: str = "float32",
    affine: bool = False,
    backward: str = "clipped",
) -> nn.Module:
    """AlexNet on pictures (N, 3, input_size, input_size); options as in `networks.build`.

    Raises:
        OptionError: input_size under 63, or an unknown kind or backward.
    """
    if input_size < SMALLEST:
        raise OptionError(f"alexnet input_size: expected at least {SMALLEST}, found {input_size}")
    return AlexNet(
        num_classes=num_classes,
        input_size=input_size,
        width=width,
        first=first,
        last=last,
        affine=affine,
        backward=backward,
    )
