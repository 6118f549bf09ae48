"""New weights for one binary layer: its moments over the pictures, and the signs found from them.

It changes no network; `update` tries what it proposes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.hwgq import STEP
from edgebin.nn.weights import binary_weight
from edgebin.refine.moments import MomentSums
from edgebin.refine.options import RefineOptions
from edgebin.refine.pictures import Pictures
from edgebin.refine.signs import alternate, ascend
from edgebin.refine.sites import Site, rows_answered, rows_read
from edgebin.refine.targets import Target

_LEAST_SIZE = 1e-3  # of a latent weight, relative to the mean of its channel


@dataclass(frozen=True, slots=True)
class Proposal:
    """New weights for a layer.

    Attributes:
        weight: new latent weights, of the shape and dtype of the layer's: new signs, and a new mean
            size alpha of each channel, but sizes in the proportions they had, for they tell how
            sure a sign is when the network is trained on.
        bias: for a layer that has one: the best, with which the mean answer is the target's.
        flips: how many signs differ from the layer's.
        gain: growth of the target's explained variance over all channels; 0.1 is 10 %.
    """

    weight: Tensor
    bias: Tensor | None
    flips: int
    gain: float


def layer_sums(
    network: nn.Module,
    site: Site,
    target: Target,
    pictures: Pictures,
    options: RefineOptions,
    generator: torch.Generator,
) -> list[MomentSums]:
    """Sums over what a layer reads and should answer, one for each group of its channels.

    Args:
        network: in eval mode.
        site: one of its layers.
        target: what it should answer.
        pictures: to measure on.
        options: how many positions of a picture count.
        generator: draws them.

    Raises:
        OptionError: a teacher answers at other positions.
    """
    layer = site.layer
    groups = layer.groups if isinstance(layer, nn.Conv2d) else 1
    values, outputs = layer.weight[0].numel(), len(layer.weight) // groups
    sums = [MomentSums(values, outputs, layer.weight.device) for _ in range(groups)]
    for x in pictures.inputs():
        read, answer = target.answers(network, site, x)
        rows, answers = rows_read(layer, read), rows_answered(layer, answer)
        if answers.shape[2] != rows.shape[2]:
            raise OptionError(
                f"teacher: expected {rows.shape[2]} positions in {site.name} as in the network, "
                f"found {answers.shape[2]}"
            )
        chosen = _chosen(rows.shape[2], options.positions, generator).to(x.device)
        for part, group_rows, group_answers in zip(sums, rows, answers, strict=True):
            part.add(group_rows[:, chosen].flatten(0, 1), group_answers[:, chosen].flatten(0, 1))
    return sums


def propose(
    site: Site, target: Target, sums: Sequence[MomentSums], options: RefineOptions
) -> Proposal:
    """Better signs and scales for a layer; a channel without a positive scale keeps its own."""
    layer = site.layer
    method = ascend if options.method == "ascend" else alternate
    old = binary_weight(layer.weight.detach()).flatten(1).double() * STEP  # for codes
    parts = []
    intercepts = []
    before = after = 0.0
    for part, weight in zip(sums, old.chunk(len(sums)), strict=True):
        signs = torch.where(weight >= 0, 1.0, -1.0)
        moments = part.moments(centred=target.centred)
        found = method(moments, signs, sweeps=options.sweeps)
        scales = found.scales[:, None]
        new = torch.where(scales > 0, found.signs * scales, weight)
        parts.append(new)
        read, wanted = part.means()
        intercepts.append(wanted - new @ read)
        before += found.explained_before
        after += float(found.explained.sum())
    new = torch.cat(parts)
    return Proposal(
        _latent(layer.weight.detach(), new / STEP),
        None if layer.bias is None else torch.cat(intercepts).to(layer.bias),
        int(((new >= 0) != (old >= 0)).sum()),
        after / before - 1.0 if before > 0 else 0.0,
    )


def _latent(weight: Tensor, binary: Tensor) -> Tensor:
    sizes = weight.flatten(1).double().abs()
    least = _LEAST_SIZE * sizes.mean(1, keepdim=True)
    # A size of zero would lose its sign, and a channel of zeros has no proportions.
    sizes = torch.where(least > 0, torch.maximum(sizes, least), 1.0)
    latent = binary * (sizes / sizes.mean(1, keepdim=True))
    return latent.to(weight).view_as(weight)


def _chosen(positions: int, most: int, generator: torch.Generator) -> Tensor:
    if positions <= most:
        return torch.arange(positions)
    return torch.randperm(positions, generator=generator)[:most]
