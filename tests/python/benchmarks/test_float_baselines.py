"""`float_baselines.py`: multiply-accumulates."""

from __future__ import annotations

from runtimes import float_baselines

_STAGES = ((16, 1024, 6), (32, 256, 5), (64, 64, 5))  # channels, pixels, convolutions within


def test_macs_are_those_of_every_convolution_and_dense_layer() -> None:
    first = 3 * 16 * 9 * 1024
    within = sum(channels**2 * 9 * pixels * layers for channels, pixels, layers in _STAGES)
    between = 16 * 32 * 9 * 256 + 32 * 64 * 9 * 64
    assert float_baselines.macs("resnet20") == first + within + between + 64 * 10
