"""Draws the sample images of this folder: `python examples/draw.py [FOLDER]`.

They are ours, made of shapes, so that no photograph has to be licensed. Everything is drawn at
four times the size and reduced, which softens edges as a lens does; a fixed random grain stands in
for texture. The same Pillow and numpy give the same pixels.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Points = list[tuple[float, float]]

SIDE = 256  # pixels of a finished image
SCALE = 4
GRAIN = 5.0  # standard deviation of the noise, in grey levels


class Canvas:
    """A square image whose coordinates run from 0 to 100, y downwards."""

    def __init__(self, top: Colour, bottom: Colour) -> None:
        """Fill with a vertical gradient."""
        self.side = SIDE * SCALE
        ramp = np.linspace(0.0, 1.0, self.side)[:, None, None]
        pixels = np.array(top) * (1 - ramp) + np.array(bottom) * ramp
        pixels = np.broadcast_to(pixels, (self.side, self.side, 3))
        self.image = Image.fromarray(pixels.round().astype(np.uint8))
        self.pen = ImageDraw.Draw(self.image)

    def _scaled(self, points: Points) -> Points:
        return [(x * self.side / 100, y * self.side / 100) for x, y in points]

    def shape(self, points: Points, colour: Colour) -> None:
        """Fill a polygon."""
        self.pen.polygon(self._scaled(points), fill=colour)

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """Fill an ellipse around a centre."""
        (a, b) = self._scaled([(x - rx, y - ry), (x + rx, y + ry)])
        self.pen.ellipse([a, b], fill=colour)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.shape([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour)

    def band(self, y0: float, y1: float, top: Colour, bottom: Colour) -> None:
        """Fill the rows from y0 to y1 with a vertical gradient."""
        steps = 64
        for i in range(steps):
            part, height = i / (steps - 1), (y1 - y0) / steps
            red, green, blue = (
                round(a * (1 - part) + b * part) for a, b in zip(top, bottom, strict=True)
            )
            y = y0 + i * height
            self.box(0, y, 100, y + 1.2 * height, (red, green, blue))

    def soften(self, radius: float) -> None:
        """Blur all that was drawn so far; radius in hundredths of the side."""
        self.image = self.image.filter(ImageFilter.GaussianBlur(radius * self.side / 100))
        self.pen = ImageDraw.Draw(self.image)

    def finish(self, seed: int) -> Image.Image:
        """Reduce to the final size and add the grain."""
        small = np.asarray(self.image.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64)
        grain = np.random.default_rng(seed).normal(0.0, GRAIN, (SIDE, SIDE, 1))
        return Image.fromarray((small + grain).round().clip(0, 255).astype(np.uint8))


def ship() -> Image.Image:
    """A cargo ship on the sea."""
    c = Canvas((150, 190, 225), (215, 228, 236))
    c.band(60, 100, (70, 110, 145), (28, 60, 95))
    c.soften(0.6)
    waves = np.random.default_rng(3)
    for x, y, length in waves.uniform((0, 62, 4), (100, 100, 14), (90, 3)).tolist():
        c.box(x, y, x + length, y + 0.5, (95, 135, 165))
    c.soften(0.25)
    c.shape([(6, 52), (94, 48), (86, 70), (15, 70)], (38, 44, 58))
    c.shape([(12, 64), (89, 64), (86, 70), (15, 70)], (150, 44, 38))
    c.box(14, 32, 34, 52, (238, 238, 232))
    c.box(16, 24, 30, 33, (228, 228, 224))
    for x in (17, 21, 25):
        c.box(x, 26.5, x + 2.5, 29, (60, 80, 100))
    for x in (17, 22, 27):
        c.box(x, 37, x + 3, 40, (60, 80, 100))
    c.box(20, 14, 26, 24, (190, 60, 45))
    c.box(20, 14, 26, 16, (40, 40, 45))
    boxes = [(176, 74, 52), (60, 110, 150), (205, 160, 70), (90, 125, 90), (170, 170, 165)]
    for i in range(8):
        c.box(38 + 6 * i, 42, 43.4 + 6 * i, 49.5, boxes[i % 5])
        if i < 6:
            c.box(38 + 6 * i, 35, 43.4 + 6 * i, 41.5, boxes[(i + 2) % 5])
    c.box(88, 30, 88.8, 49, (70, 70, 75))
    c.box(4, 69.5, 96, 71, (205, 220, 228))
    return c.finish(1)


def airplane() -> Image.Image:
    """An airliner climbing in a blue sky."""
    c = Canvas((70, 125, 195), (150, 190, 228))
    for x, y in ((12, 82), (24, 86), (78, 90), (90, 86)):
        c.oval(x, y, 16, 5, (215, 228, 240))
    c.soften(2.0)
    c.shape([(43, 51), (60, 46), (47, 20), (40, 21)], (140, 146, 156))
    c.shape([(11, 53), (21, 52), (14, 32), (7, 33)], (60, 72, 110))
    c.shape(
        [(9, 59), (23, 49), (80, 35), (92, 37.5), (93, 41), (85, 44.5), (30, 59)], (236, 238, 242)
    )
    c.shape(
        [(9, 59), (30, 59), (85, 44.5), (93, 41), (92.6, 39.5), (84, 42.5), (28, 56)],
        (172, 178, 190),
    )
    c.shape([(40, 55), (62, 49), (34, 84), (26, 86)], (196, 201, 210))
    c.shape([(12, 58), (22, 56), (13, 67), (7, 68)], (186, 192, 202))
    c.oval(45, 68, 4.5, 2.6, (120, 126, 138))
    c.shape([(86, 37.6), (90, 37.6), (91, 39), (87, 39.6)], (50, 62, 84))
    for i in range(12):
        c.oval(30 + 4.5 * i, 51 - 1.12 * i, 0.7, 0.7, (90, 104, 128))
    return c.finish(2)


def automobile() -> Image.Image:
    """A red car on a road."""
    c = Canvas((170, 200, 225), (225, 230, 232))
    c.band(40, 60, (96, 122, 84), (120, 135, 96))
    c.band(58, 100, (128, 128, 128), (98, 98, 100))
    c.soften(1.0)
    c.oval(50, 79, 44, 4, (62, 62, 66))
    c.soften(0.6)
    red, dark = (192, 30, 34), (140, 20, 26)
    c.shape(
        [
            (4, 62),
            (6, 54),
            (24, 50),
            (35, 36),
            (65, 35),
            (79, 49),
            (95, 54),
            (97, 66),
            (95, 74),
            (5, 74),
        ],
        red,
    )
    c.shape([(4, 66), (97, 66), (95, 75), (5, 75)], dark)
    c.shape([(28, 50), (37, 39), (49, 38.5), (49, 50)], (46, 58, 72))
    c.shape([(52, 50), (52, 38.5), (63, 38), (73, 50)], (46, 58, 72))
    c.shape([(30, 49), (37, 40), (41, 40), (34, 49)], (120, 140, 156))
    c.box(50, 51, 50.6, 72, dark)
    c.box(4, 57, 9, 61, (250, 236, 190))
    c.box(93, 57, 97, 61, (255, 120, 90))
    for x in (23, 77):
        c.oval(x, 74, 9.5, 9.5, (24, 24, 26))
        c.oval(x, 74, 5.5, 5.5, (186, 188, 192))
        c.oval(x, 74, 2, 2, (70, 70, 74))
    return c.finish(3)


def truck() -> Image.Image:
    """A lorry with a white box on a road."""
    c = Canvas((165, 195, 222), (222, 228, 230))
    c.band(48, 66, (110, 128, 92), (126, 136, 100))
    c.band(64, 100, (125, 125, 126), (95, 95, 98))
    c.soften(1.0)
    c.oval(50, 85, 46, 4, (58, 58, 62))
    c.soften(0.6)
    c.box(4, 20, 66, 72, (232, 234, 236))
    c.box(4, 20, 66, 23, (196, 200, 204))
    for x in range(10, 66, 8):
        c.box(x, 24, x + 0.5, 71, (206, 210, 214))
    c.shape([(68, 76), (68, 36), (84, 36), (92, 54), (97, 57), (97, 76)], (34, 84, 160))
    c.shape([(73, 53), (73, 40), (83, 40), (88.5, 53)], (44, 56, 70))
    c.box(4, 72, 97, 78, (46, 48, 54))
    c.box(94, 62, 97, 66, (250, 236, 190))
    for x in (18, 34, 84):
        c.oval(x, 79, 8, 8, (22, 22, 24))
        c.oval(x, 79, 4, 4, (176, 178, 182))
    return c.finish(4)


def sailboat() -> Image.Image:
    """A sailing boat, the other kind of ship."""
    c = Canvas((110, 165, 220), (205, 225, 238))
    c.band(66, 100, (60, 120, 165), (22, 70, 120))
    c.soften(0.6)
    waves = np.random.default_rng(5)
    for x, y, length in waves.uniform((0, 68, 3), (100, 100, 12), (80, 3)).tolist():
        c.box(x, y, x + length, y + 0.5, (110, 160, 195))
    c.soften(0.25)
    c.shape([(18, 66), (84, 64), (76, 76), (28, 76)], (240, 240, 238))
    c.shape([(22, 71), (81, 70), (76, 76), (28, 76)], (36, 56, 110))
    c.box(49.3, 10, 50.5, 66, (90, 70, 50))
    c.shape([(48, 12), (48, 61), (20, 62)], (246, 246, 242))
    c.shape([(52, 16), (80, 61), (52, 61)], (226, 230, 234))
    c.box(20, 75.5, 84, 77, (215, 230, 238))
    return c.finish(5)


IMAGES: dict[str, Callable[[], Image.Image]] = {
    "ship": ship,
    "airplane": airplane,
    "automobile": automobile,
    "truck": truck,
    "sailboat": sailboat,
}


def main() -> None:
    """Write every image as a PNG."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in IMAGES.items():
        draw().save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
