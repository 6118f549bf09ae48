"""Figures that commands draw, with matplotlib."""
