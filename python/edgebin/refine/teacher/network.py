"""The teacher of an alternating update: another network, or the network's own latent weights.

Source: the literal reading of the alternating update, which binarises trained float weights layer
by layer (Hu, Wang, Cheng, AAAI 2018, arXiv 1802.02733).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from edgebin.errors import OptionError
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.hwgq import HWGQ
from edgebin.refine.layer.binary_layers import BinaryLayer
from edgebin.train.checkpoint import load_network


def load_teacher_network(teacher: nn.Module | str | Path | None) -> nn.Module | None:
    """Return a teacher in eval mode; a string or path is that of its checkpoint.

    Raises:
        CheckpointError: the checkpoint is missing or damaged.
    """
    if isinstance(teacher, str | Path):
        return load_network(Path(teacher))[0].eval()
    return teacher


def latent_teacher(network: nn.Module) -> nn.Module:
    """Return a copy of a network that computes with the latent weights of its binary layers.

    Its batch norms have the statistics of the binary network: recalibrate them.
    """
    teacher = copy.deepcopy(network)
    for module in teacher.modules():
        # Each differs from its base in nothing but the weight that forward uses.
        if isinstance(module, BinaryConv2d):
            module.__class__ = nn.Conv2d  # type: ignore[assignment]
        elif isinstance(module, BinaryLinear):
            module.__class__ = nn.Linear  # type: ignore[assignment]
    return teacher.requires_grad_(False).eval()


def check_teacher(
    network: nn.Module, layers: Sequence[BinaryLayer], teacher: nn.Module | None
) -> None:
    """Raise OptionError where the teacher does not fit, or is None and there are no latent weights.

    Args:
        network: the student.
        layers: its binary layers.
        teacher: a network whose layers have the same names and shapes, or None.
    """
    if teacher is None:
        _check_latent(layers)
        return
    for layer in layers:
        counterpart(teacher, layer)
    _check_thresholds(network, teacher)


def counterpart(teacher: nn.Module, layer: BinaryLayer) -> nn.Module:
    """Return the teacher's layer of the same name.

    Raises:
        OptionError: it has none, or one with weights of another shape.
    """
    module: nn.Module | None = dict(teacher.named_modules()).get(layer.name)
    weight = getattr(module, "weight", None)
    expected = tuple(layer.module.weight.shape)
    if module is None or not isinstance(weight, nn.Parameter):
        raise OptionError(f"teacher: expected a layer {layer.name} as in the network, found none")
    shape = tuple(weight.shape)
    if shape != expected:
        raise OptionError(
            f"teacher: expected weights of shape {expected} in {layer.name}, found {shape}"
        )
    return module


def _check_latent(layers: Sequence[BinaryLayer]) -> None:
    """Raise OptionError where all weights of each channel have one size, in every layer.

    A packed checkpoint is so: its latent teacher would be the network itself. The last of several
    layers does not count, because it may have been refitted.
    """
    for layer in layers[:-1] or layers:
        sizes = layer.module.weight.detach().abs().flatten(1)
        if not torch.equal(sizes, sizes[:, :1].expand_as(sizes)):
            return
    raise OptionError("teacher: expected one for a network of signs and scales alone, found none")


def _check_thresholds(network: nn.Module, teacher: nn.Module) -> None:
    """Raise OptionError where modules of one name quantise activations by different thresholds."""
    modules = dict(teacher.named_modules())
    for name, module in network.named_modules():
        other = modules.get(name)
        if not isinstance(module, HWGQ) or not isinstance(other, HWGQ):
            continue
        if other.thresholds != module.thresholds:
            raise OptionError(
                f"teacher: expected the thresholds {module.thresholds!r} in {name} as in the "
                f"network, found {other.thresholds!r}"
            )
