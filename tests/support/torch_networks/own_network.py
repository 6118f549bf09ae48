"""A network of the user's own, made of layers of `edgebin.nn` and `torch.nn`."""

from __future__ import annotations

import torch
from torch import nn

import edgebin


def own_network(classes: int = 2) -> nn.Module:
    """Return an untrained network for RGB images, the same one each time."""
    torch.manual_seed(7)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4, affine=False),
        edgebin.nn.HWGQ(),
        edgebin.nn.BinaryConv2d(4, 8, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, classes),
    )
