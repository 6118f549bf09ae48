"""The network with real weights in place of signs: the teacher that every trained network brings.

Source: the literal reading of the alternating update, which binarises trained real weights layer by
layer (Hu, Wang, Cheng, AAAI 2018, arXiv 1802.02733).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import nn

from edgebin.errors import OptionError
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.hwgq import HWGQ
from edgebin.refine.sites import Site


def latent_teacher(network: nn.Module) -> nn.Module:
    """A copy that computes with the latent real weights of its binary layers.

    Its batch norms still have the statistics of the binary network: recalibrate them.
    """
    teacher = copy.deepcopy(network)
    for module in teacher.modules():
        # Each differs from its base in nothing but the weight that forward uses.
        if isinstance(module, BinaryConv2d):
            module.__class__ = nn.Conv2d  # type: ignore[assignment]
        elif isinstance(module, BinaryLinear):
            module.__class__ = nn.Linear  # type: ignore[assignment]
    return teacher.requires_grad_(False).eval()


def check_teacher(network: nn.Module, sites: Sequence[Site], teacher: nn.Module | None) -> None:
    """Raises OptionError where the teacher does not fit, or there is none and no latent weights."""
    if teacher is None:
        _check_latent(sites)
        return
    for site in sites:
        counterpart(teacher, site)
    _check_thresholds(network, teacher)


def _check_latent(sites: Sequence[Site]) -> None:
    """Raises OptionError where no layer has latent weights, but each channel one size of them.

    So is a packed checkpoint: its teacher would be the network itself. The last of several layers
    does not count, for it may have been fitted anew.
    """
    for site in sites[:-1] or sites:
        sizes = site.layer.weight.detach().abs().flatten(1)
        if not torch.equal(sizes, sizes[:, :1].expand_as(sizes)):
            return
    raise OptionError(
        "teacher: expected one beside a network of signs and scales alone, found none"
    )


def _check_thresholds(network: nn.Module, teacher: nn.Module) -> None:
    """Raises OptionError where both quantise activations under one name, by other thresholds."""
    theirs = dict(teacher.named_modules())
    for name, module in network.named_modules():
        other = theirs.get(name)
        if not isinstance(module, HWGQ) or not isinstance(other, HWGQ):
            continue
        if other.thresholds != module.thresholds:
            raise OptionError(
                f"teacher: expected the thresholds {module.thresholds!r} in {name} as in the "
                f"network, found {other.thresholds!r}"
            )


def counterpart(teacher: nn.Module, site: Site) -> nn.Module:
    """The teacher's layer of the same name.

    Raises:
        OptionError: it has none, or one with weights of another shape.
    """
    layer: nn.Module | None = dict(teacher.named_modules()).get(site.name)
    weight = getattr(layer, "weight", None)
    shape = tuple(site.layer.weight.shape)
    if layer is None or not isinstance(weight, nn.Parameter):
        raise OptionError(f"teacher: expected a layer {site.name} as in the network, found none")
    found = tuple(weight.shape)
    if found != shape:
        raise OptionError(
            f"teacher: expected weights of shape {shape} in {site.name}, found {found}"
        )
    return layer
