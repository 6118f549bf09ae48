"""What the names of image files end in: these are taken from a folder. Needs no Pillow."""

from __future__ import annotations

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
