"""A candidate: new weights for one binary layer, from the moments of its input and target.

Nothing here changes a network; `alternating_update` tries each candidate and accepts or rejects it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.hwgq import STEP
from edgebin.nn.weights import binary_weight
from edgebin.refine.layer.binary_layers import BinaryLayer, input_rows, output_rows
from edgebin.refine.layer.coordinate_ascent import alternating_scales, coordinate_ascent
from edgebin.refine.layer.moments import MomentSums
from edgebin.refine.options import RefineOptions

_LEAST_SIZE = 1e-3  # of a latent weight, relative to the mean of its channel


@dataclass(frozen=True, slots=True)
class Candidate:
    """New weights for a layer.

    Attributes:
        weight: new latent weights, of the shape and dtype of the layer's: new signs, and a new mean
            size alpha of each channel, but sizes in the proportions they had, because these say how
            certain a sign is when the network is trained further.
        bias: for a layer that has one: the best, with which the mean output is the target's.
        flips: how many signs differ from the layer's.
        gain: growth of the target's explained variance over all channels; 0.1 is 10 %.
    """

    weight: Tensor
    bias: Tensor | None
    flips: int
    gain: float


def measure_moments(
    layer: BinaryLayer,
    batches: Iterable[tuple[Tensor, Tensor]],
    positions: int,
    generator: torch.Generator,
) -> list[MomentSums]:
    """Sum up what a layer reads and should answer, for each group of its channels.

    Args:
        layer: a layer of the network.
        batches: its input and its target, as `Target.input_and_target` returns them.
        positions: at most this many output positions of an image count.
        generator: draws the positions of each batch.

    Raises:
        OptionError: the target has another number of positions.
    """
    module = layer.module
    groups = module.groups if isinstance(module, nn.Conv2d) else 1
    values, outputs = module.weight[0].numel(), len(module.weight) // groups
    sums = [MomentSums(values, outputs, module.weight.device) for _ in range(groups)]
    for read, target in batches:
        rows, targets = input_rows(module, read), output_rows(module, target)
        if targets.shape[2] != rows.shape[2]:
            raise OptionError(
                f"teacher: expected {rows.shape[2]} positions in {layer.name} as in the network, "
                f"found {targets.shape[2]}"
            )
        chosen = _choose(rows.shape[2], positions, generator).to(read.device)
        for part, group_rows, group_targets in zip(sums, rows, targets, strict=True):
            part.add(group_rows[:, chosen].flatten(0, 1), group_targets[:, chosen].flatten(0, 1))
    return sums


def make_candidate(
    layer: BinaryLayer, sums: Sequence[MomentSums], options: RefineOptions, *, centred: bool
) -> Candidate:
    """Find better signs and scales for a layer.

    Args:
        layer: its signs are where the search starts.
        sums: one for each group of its channels.
        options: method and sweeps.
        centred: whether the means of the target are left to an intercept.

    Returns:
        The candidate; a channel without a positive scale has its old weights.
    """
    module = layer.module
    search = coordinate_ascent if options.method == "ascend" else alternating_scales
    old = binary_weight(module.weight.detach()).flatten(1).double() * STEP  # for codes
    parts = []
    intercepts = []
    before = after = 0.0
    for part, weight in zip(sums, old.chunk(len(sums)), strict=True):
        signs = torch.where(weight >= 0, 1.0, -1.0)
        result = search(part.moments(centred=centred), signs, sweeps=options.sweeps)
        scales = result.scales[:, None]
        new = torch.where(scales > 0, result.signs * scales, weight)
        parts.append(new)
        mean_input, mean_target = part.means()
        intercepts.append(mean_target - new @ mean_input)
        before += result.explained_before
        after += float(result.explained.sum())
    new = torch.cat(parts)
    return Candidate(
        _latent(module.weight.detach(), new / STEP),
        None if module.bias is None else torch.cat(intercepts).to(module.bias),
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


def _choose(positions: int, most: int, generator: torch.Generator) -> Tensor:
    if positions <= most:
        return torch.arange(positions)
    return torch.randperm(positions, generator=generator)[:most]
