"""The alternating update of a whole network, layer by layer; what lowers the loss is kept.

For each binary layer, from the first to the last: moments of its input and its target, a candidate
with better signs, batch norms updated for it, and the loss on images that the moments never saw. A
candidate that does not lower the loss, beyond the noise of the comparison, is rejected, and the
layer gets its old signs back. The test set is never seen.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from edgebin.deprecated import renamed_argument
from edgebin.errors import OptionError
from edgebin.nn.recalibrate import recalibrate
from edgebin.refine.batch_norms import BatchNormUpdater, Statistics
from edgebin.refine.images import Losses, RefineImages, prepare_images
from edgebin.refine.layer.binary_layers import BinaryLayer, binary_layers
from edgebin.refine.layer.candidate import Candidate, make_candidate, measure_moments
from edgebin.refine.options import RefineOptions
from edgebin.refine.report import LayerResult, print_layer, print_start
from edgebin.refine.teacher.network import check_teacher, latent_teacher, load_teacher_network
from edgebin.refine.teacher.residual_joins import residual_joins
from edgebin.refine.teacher.targets import LayerTarget, ResponseTarget, Target
from edgebin.train.backend.precision import exact_convolutions
from edgebin.train.data.source import DataSet
from edgebin.train.data.tensors import TorchData


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything that `refine` needs to resume between two layers, to the same bits.

    Attributes:
        layers: how many are done, over all rounds.
        state: state dict of the network, which changes with it.
        generator: state of the generator that draws positions.
    """

    layers: int
    state: Mapping[str, Tensor]
    generator: Tensor


@renamed_argument("pictures", "data")
@exact_convolutions()
def refine(
    network: nn.Module,
    data: RefineImages | DataSet | TorchData,
    options: RefineOptions | None = None,
    *,
    teacher: nn.Module | str | Path | None = None,
    device: str | torch.device | None = None,
    on_layer: Callable[[LayerResult, Progress], None] | None = None,
    progress: Progress | None = None,
) -> list[LayerResult]:
    """Improve the signs of a trained network in place; it is in eval mode afterwards.

    Example:
        options = RefineOptions(images=2000, holdout=5000)
        images = RefineImages(data, options)
        refine(network, images, options, teacher=float_network)
        refit_head(network, images, float_network)

    Where it is interrupted, the network has the layers that were kept until then. `refit_head`
    continues with the last layer.

    Args:
        network: with binary layers; as it was before the first layer, also where it is resumed.
        data: images to measure on and to judge by; or what they are drawn from, as the options say:
            a data set (`edgebin.train.open_data`), or a torch Dataset or DataLoader of pairs
            (image, label), the image being float32 (3, S, S), normalised as for the network.
        options: by default those of `RefineOptions()`.
        teacher: a network with layers of the same names, in eval mode afterwards too, or the path
            of its checkpoint; by default the network with its latent weights.
        device: where to compute, "cpu" or "cuda"; network and teacher are moved there. By default
            where the network is.
        on_layer: called after every layer with its result and what a resumption needs. By default
            a line for each layer is printed on standard error.
        progress: of an update with the same arguments that was interrupted.

    Returns:
        The result of each layer; resumed, of the layers that were left.

    Raises:
        CheckpointError: the teacher's checkpoint is missing or damaged.
        DataError: too few images, or an item of a Dataset that is no such pair.
        OptionError: no binary layer, one that `binary_layers` refuses, a teacher that does not fit,
            or none where the network has no latent weights but signs and scales.
    """
    options = options if options is not None else RefineOptions()
    teacher = load_teacher_network(teacher)
    images = prepare_images(network, data, options, teacher=teacher, device=device)
    if on_layer is None:
        print_start(images)
    network.eval()
    run = _Run(network, images, options, teacher)
    if progress is not None:
        run.restore(progress)
    total = options.rounds * len(run.layers)
    done = 0 if progress is None else progress.layers
    results = []
    for number in range(done + 1, total + 1):
        result = run.update(number)
        results.append(result)
        if on_layer is None:
            print_layer(results, total)
        else:
            on_layer(result, Progress(number, network.state_dict(), run.generator.get_state()))
    return results


@dataclass(frozen=True, slots=True)
class _Trial:
    """A candidate in the network: the losses, the state dict, and the batch-norm measurement."""

    losses: Losses
    state: dict[str, Tensor]
    measured: list[Statistics] | None


class _Run:
    """An update under way: the network, its losses, and what draws positions."""

    def __init__(
        self,
        network: nn.Module,
        images: RefineImages,
        options: RefineOptions,
        teacher: nn.Module | None,
    ) -> None:
        self.network = network
        self.images = images
        self.options = options
        self.generator = torch.Generator().manual_seed(options.seed)
        self.layers = binary_layers(network, next(images.inputs()))
        self.target = self._make_target(teacher)
        self._measure_network()

    def _measure_network(self) -> None:
        """Measure the network as it is: candidates are compared with this."""
        self.losses = self.images.losses(self.network)
        # Signs that were never trained change too much for statistics that follow from a change.
        follows = self.options.keep == "better"
        self.norms = BatchNormUpdater(self.network, self.images.inputs) if follows else None

    def restore(self, progress: Progress) -> None:
        """Continue from there; the teacher stays that of the network as it was."""
        self.network.load_state_dict(dict(progress.state))
        self.generator.set_state(progress.generator)
        self._measure_network()

    def _make_target(self, teacher: nn.Module | None) -> Target:
        check_teacher(self.network, self.layers, teacher)
        if teacher is None:
            teacher = latent_teacher(self.network)
            recalibrate(teacher, self.images.inputs())
        teacher.eval()
        if self.options.target == "layer":
            return LayerTarget(teacher)
        if self.options.method == "bwnh":
            return ResponseTarget(teacher, {}, centred=False)
        joins = residual_joins(self.network, self.layers, next(self.images.inputs())[:2])
        known = {name for name, _ in teacher.named_modules()}
        for name in joins.values():
            if name not in known:
                raise OptionError(
                    f"teacher: expected a module {name} as in the network, found none"
                )
        return ResponseTarget(teacher, joins)

    def update(self, number: int) -> LayerResult:
        """Update one layer, by its number from 1 over all rounds."""
        started = time.perf_counter()
        rounds, index = divmod(number - 1, len(self.layers))
        layer = self.layers[index]
        before = _copied(self.network)
        candidate = self._candidate(layer)
        trial = self._try(layer, candidate, before)
        kept = self.options.keep == "all" or trial.losses.are_below(self.losses)
        if kept:
            self.network.load_state_dict(trial.state)
            self.losses = trial.losses
            if self.norms is not None:
                self.norms.set_reference(trial.measured)
        return LayerResult(
            number=number,
            round=rounds + 1,
            layer=layer.name,
            weights=layer.module.weight.numel(),
            flips=candidate.flips,
            gain=candidate.gain,
            loss=trial.losses.mean,
            kept=kept,
            seconds=round(time.perf_counter() - started, 3),
        )

    def _candidate(self, layer: BinaryLayer) -> Candidate:
        batches = (
            self.target.input_and_target(self.network, layer, x) for x in self.images.inputs()
        )
        sums = measure_moments(layer, batches, self.options.positions, self.generator)
        return make_candidate(layer, sums, self.options, centred=self.target.centred)

    def _try(self, layer: BinaryLayer, candidate: Candidate, before: dict[str, Tensor]) -> _Trial:
        try:
            with torch.no_grad():
                layer.module.weight.copy_(candidate.weight)
                if layer.module.bias is not None and candidate.bias is not None:
                    layer.module.bias.copy_(candidate.bias)
            measured = None
            if self.norms is None:
                recalibrate(self.network, self.images.inputs())
            else:
                measured = self.norms.update_buffers()
            losses = self.images.losses(self.network)
            return _Trial(losses, _copied(self.network), measured)
        finally:  # also where it is interrupted
            self.network.load_state_dict(before)


def _copied(network: nn.Module) -> dict[str, Tensor]:
    return copy.deepcopy(network.state_dict())  # also what a module keeps besides tensors
