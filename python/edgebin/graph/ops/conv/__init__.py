"""Operators that multiply by weights: convolution, matrix product, and the epilogue they share."""
