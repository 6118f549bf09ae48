"""Operators that reduce a window or a cell of positions to one, channel by channel."""
