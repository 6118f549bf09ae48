"""Operators that move elements to another shape and compute nothing."""
