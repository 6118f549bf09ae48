"""The alternating update of a whole network: layer by layer, and what lowers the loss is kept.

For each binary layer, from the first to the last: moments of what it reads and should answer,
better signs, batch norms in step with them, and the loss on pictures that the moments never saw. A
layer whose new signs do not lower it, beyond the noise of the comparison, gets its old ones back.
It refuses to see the test set.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.recalibrate import recalibrate
from edgebin.refine.carriers import carriers
from edgebin.refine.options import RefineOptions
from edgebin.refine.pictures import Losses, Pictures
from edgebin.refine.proposal import Proposal, layer_sums, propose
from edgebin.refine.sites import Site, binary_sites
from edgebin.refine.statistics import FollowingStatistics, Statistics
from edgebin.refine.targets import LayerAlone, Response, Target
from edgebin.refine.teacher import check_teacher, latent_teacher
from edgebin.train.backend.precision import exact_convolutions


@dataclass(frozen=True, slots=True)
class LayerResult:
    """What became of a layer in one round.

    Attributes:
        number: from 1, over all rounds.
        round: from 1.
        layer: its name.
        weights: how many signs it has.
        flips: how many of them the update changed.
        gain: growth of the target's explained variance; 0.1 is 10 %.
        loss: on the pictures to judge by, with the new signs, in nats.
        kept: whether they stay.
        seconds: that it took.
    """

    number: int
    round: int
    layer: str
    weights: int
    flips: int
    gain: float
    loss: float
    kept: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Between two layers, all that `refine` needs to go on as if it had not been interrupted.

    Attributes:
        layers: how many are done, over all rounds.
        state: state dict of the network, which changes with it.
        generator: state of the generator that draws positions.
    """

    layers: int
    state: Mapping[str, Tensor]
    generator: Tensor


@exact_convolutions()
def refine(
    network: nn.Module,
    pictures: Pictures,
    options: RefineOptions,
    *,
    teacher: nn.Module | None = None,
    on_layer: Callable[[LayerResult, Progress], None] | None = None,
    progress: Progress | None = None,
) -> list[LayerResult]:
    """Betters a trained network in place; it is in eval mode afterwards.

    Where it is interrupted, the network has the layers that were kept until then.
    `refit_head` goes on from there, with the last layer.

    Args:
        network: with binary layers, on the device of the pictures; as it was before the first
            layer, also where there is progress.
        pictures: to measure on and to judge by.
        options: what to do.
        teacher: a network with layers of the same names, on the same device, in eval mode
            afterwards too; by default the network with its latent weights.
        on_layer: told of every layer, and how far the update is.
        progress: of an update with the same arguments that was interrupted.

    Returns:
        What became of each layer, those left out that progress counts.

    Raises:
        OptionError: no binary layer, one that `binary_sites` refuses, a teacher that does not fit,
            or none where the network has no latent weights but signs and scales.
    """
    network.eval()
    run = _Run(network, pictures, options, teacher)
    if progress is not None:
        run.restore(progress)
    done = 0 if progress is None else progress.layers
    results = []
    for number in range(done + 1, options.rounds * len(run.sites) + 1):
        result = run.update(number)
        results.append(result)
        if on_layer is not None:
            on_layer(result, Progress(number, network.state_dict(), run.generator.get_state()))
    return results


@dataclass(frozen=True, slots=True)
class _Trial:
    losses: Losses
    state: dict[str, Tensor]
    measured: list[Statistics] | None


class _Run:
    def __init__(
        self,
        network: nn.Module,
        pictures: Pictures,
        options: RefineOptions,
        teacher: nn.Module | None,
    ) -> None:
        self.network = network
        self.pictures = pictures
        self.options = options
        self.generator = torch.Generator().manual_seed(options.seed)
        self.sites = binary_sites(network, next(pictures.inputs()))
        self.target = self._target(teacher)
        self._look()

    def _look(self) -> None:
        """See the network as it is, to compare with."""
        self.losses = self.pictures.losses(self.network)
        # Signs that were never trained change too much for statistics to follow.
        follows = self.options.keep == "better"
        self.statistics = (
            FollowingStatistics(self.network, self.pictures.inputs) if follows else None
        )

    def restore(self, progress: Progress) -> None:
        """Go on from there; the teacher stays that of the network as it was."""
        self.network.load_state_dict(dict(progress.state))
        self.generator.set_state(progress.generator)
        self._look()

    def _target(self, teacher: nn.Module | None) -> Target:
        check_teacher(self.network, self.sites, teacher)
        if teacher is None:
            teacher = latent_teacher(self.network)
            recalibrate(teacher, self.pictures.inputs())
        teacher.eval()
        if self.options.target == "layer":
            return LayerAlone(teacher)
        if self.options.method == "bwnh":
            return Response(teacher, {}, centred=False)
        sums = carriers(self.network, self.sites, next(self.pictures.inputs())[:2])
        known = {name for name, _ in teacher.named_modules()}
        for name in sums.values():
            if name not in known:
                raise OptionError(
                    f"teacher: expected a module {name} as in the network, found none"
                )
        return Response(teacher, sums)

    def update(self, number: int) -> LayerResult:
        """One layer, by its number from 1."""
        started = time.perf_counter()
        rounds, index = divmod(number - 1, len(self.sites))
        site = self.sites[index]
        before = _copied(self.network)
        sums = layer_sums(
            self.network, site, self.target, self.pictures, self.options, self.generator
        )
        proposal = propose(site, self.target, sums, self.options)
        trial = self._tried(site, proposal, before)
        kept = self.options.keep == "all" or trial.losses.are_below(self.losses)
        if kept:
            self.network.load_state_dict(trial.state)
            self.losses = trial.losses
            if self.statistics is not None:
                self.statistics.restart(trial.measured)
        return LayerResult(
            number=number,
            round=rounds + 1,
            layer=site.name,
            weights=site.layer.weight.numel(),
            flips=proposal.flips,
            gain=proposal.gain,
            loss=trial.losses.mean,
            kept=kept,
            seconds=round(time.perf_counter() - started, 3),
        )

    def _tried(self, site: Site, proposal: Proposal, before: dict[str, Tensor]) -> _Trial:
        try:
            with torch.no_grad():
                site.layer.weight.copy_(proposal.weight)
                if site.layer.bias is not None and proposal.bias is not None:
                    site.layer.bias.copy_(proposal.bias)
            measured = None
            if self.statistics is None:
                recalibrate(self.network, self.pictures.inputs())
            else:
                measured = self.statistics.follow()
            losses = self.pictures.losses(self.network)
            return _Trial(losses, _copied(self.network), measured)
        finally:  # also where someone interrupts it
            self.network.load_state_dict(before)


def _copied(network: nn.Module) -> dict[str, Tensor]:
    return copy.deepcopy(network.state_dict())  # also what a module keeps besides tensors
