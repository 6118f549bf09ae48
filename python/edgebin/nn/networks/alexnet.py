"""AlexNet, single column: five convolutions and three linear layers, for large images.

96-256-384-384-256 channels, an 11x11 convolution of stride 4 first, 3x3 max pools of stride 2 after
layers 1, 2 and 5, then 4096-4096-classes; a batch norm before each HWGQ, between the linear layers
too (HWGQ, arXiv 1702.00953, section 5). Hidden linear layers are binary. There is no dropout, and
images must be large enough for the three pools.
"""

from __future__ import annotations

from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.networks.parts import ConvUnit, LinearUnit, Style, msra_init, scaled

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
        style: Style,
    ) -> None:
        """Make and initialise the layers."""
        super().__init__()
        a, b, c = (scaled(channels, width) for channels in (96, 256, 384))
        hidden = scaled(4096, width)

        def unit(conv: nn.Conv2d, pooled: bool) -> ConvUnit:
            return ConvUnit(conv, nn.MaxPool2d(3, stride=2) if pooled else None, style)

        self.stem = unit(style.stem(a, 11, stride=4, padding=2), pooled=True)
        self.layer2 = unit(style.conv(a, b, 5), pooled=True)
        self.layer3 = unit(style.conv(b, c, 3), pooled=False)
        self.layer4 = unit(style.conv(c, c, 3), pooled=False)
        self.layer5 = unit(style.conv(c, b, 3), pooled=True)
        self.layer6 = LinearUnit(b * _side(input_size) ** 2, hidden, style)
        self.layer7 = LinearUnit(hidden, hidden, style)
        self.head = style.head(hidden, num_classes)
        msra_init(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, num_classes) of images (N, 3, input_size, input_size), float."""
        x = self.layer2(self.stem(x))
        x = self.layer5(self.layer4(self.layer3(x)))
        logits: Tensor = self.head(self.layer7(self.layer6(x.flatten(1))))
        return logits


def alexnet(
    *,
    num_classes: int = 1000,
    input_size: int = 224,
    width: float = 1.0,
    style: Style,
) -> nn.Module:
    """Build AlexNet for images (N, 3, input_size, input_size); options as in `networks.build`.

    Raises:
        OptionError: input_size under 63.
    """
    if input_size < SMALLEST:
        raise OptionError(f"alexnet input_size: expected at least {SMALLEST}, found {input_size}")
    return AlexNet(
        num_classes=num_classes,
        input_size=input_size,
        width=width,
        style=style,
    )
