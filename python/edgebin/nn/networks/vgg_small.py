"""VGG-small: six 3x3 convolutions and one linear layer, for small images.

128-128-P-256-256-P-512-512-P-linear, after HWGQ (arXiv 1702.00953, section 5.1): 4,656,522
parameters at width 1, 10 classes, 32x32, without affine. The last linear layer reads HWGQ levels,
flattened. The side of an image must survive three halvings.
"""

from __future__ import annotations

from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.networks.parts import ConvUnit, Style, msra_init, scaled


class VggSmall(nn.Module):
    """VGG-small; see `vgg_small` for its options."""

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
        a, b, c = (scaled(channels, width) for channels in (128, 256, 512))

        def unit(conv: nn.Conv2d, pooled: bool) -> ConvUnit:
            return ConvUnit(conv, nn.MaxPool2d(2) if pooled else None, style)

        self.stem = unit(style.stem(a, 3, stride=1, padding=1), pooled=False)
        self.layer2 = unit(style.conv(a, a, 3), pooled=True)
        self.layer3 = unit(style.conv(a, b, 3), pooled=False)
        self.layer4 = unit(style.conv(b, b, 3), pooled=True)
        self.layer5 = unit(style.conv(b, c, 3), pooled=False)
        self.layer6 = unit(style.conv(c, c, 3), pooled=True)
        self.head = style.head(c * (input_size // 8) ** 2, num_classes)
        msra_init(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, num_classes) of images (N, 3, input_size, input_size), float."""
        x = self.layer2(self.stem(x))
        x = self.layer4(self.layer3(x))
        x = self.layer6(self.layer5(x))
        logits: Tensor = self.head(x.flatten(1))
        return logits


def vgg_small(
    *,
    num_classes: int = 10,
    input_size: int = 32,
    width: float = 1.0,
    style: Style,
) -> nn.Module:
    """Build VGG-small for images (N, 3, input_size, input_size); options as in `networks.build`.

    Raises:
        OptionError: input_size under 8.
    """
    if input_size < 8:
        raise OptionError(f"vgg_small input_size: expected at least 8, found {input_size}")
    return VggSmall(
        num_classes=num_classes,
        input_size=input_size,
        width=width,
        style=style,
    )
