"""The last layer, refitted to what it reads after the layers before it have changed.

Float and int8 weights: multinomial logistic regression on the images to measure on, with a penalty
on the squared distance to the old weights. Binary weights: the same loss, mixed with that of a
teacher's logits if there is one, by straight-through gradients, from the old latent weights and
from the teacher's. Of several fits the one that is best on the images to judge by counts. Nothing
before the last layer changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.deprecated import renamed_argument
from edgebin.nn.binary import BinaryLinear
from edgebin.nn.weights import binary_weight
from edgebin.refine.images import Losses, RefineImages, prepare_images
from edgebin.refine.layer.binary_layers import BinaryLayer, check_float32, has_own_weights
from edgebin.refine.layer.capture import capture
from edgebin.refine.options import RefineOptions
from edgebin.refine.report import HeadResult, head_line, print_line
from edgebin.refine.teacher.network import counterpart, load_teacher_network
from edgebin.train.backend.precision import exact_convolutions
from edgebin.train.data.source import DataSet
from edgebin.train.data.tensors import TorchData
from edgebin.train.objective.distillation import distillation_loss

PENALTIES = (1.0, 0.1, 0.01)
_STEPS = 50
# For binary weights. On the quarter-wide VGG-small Adam at 1e-3 was best of 1e-4 to 3e-2, on
# held-out images, in trials without a log; the teacher's share is that of the distilled recipes.
RATES = (3e-3, 1e-3, 3e-4)
_EPOCHS = 30
_BATCH = 200
_TEACHER_SHARE = 0.7
_TEMPERATURE = 4.0

_Values = dict[str, Tensor]  # weight, and bias if any


@dataclass(frozen=True, slots=True)
class _TrainingSet:
    """What the last layer is fitted to: features (N, in), labels (N,), a teacher's logits."""

    features: Tensor
    labels: Tensor
    teacher_logits: Tensor | None  # (N, classes)
    seed: int


@renamed_argument("pictures", "data")
@exact_convolutions()
def refit_head(
    network: nn.Module,
    data: RefineImages | DataSet | TorchData,
    teacher: nn.Module | str | Path | None = None,
    *,
    seed: int = 0,
    device: str | torch.device | None = None,
    on_result: Callable[[HeadResult], None] | None = None,
) -> HeadResult | None:
    """Refit the last linear layer, and keep it if the loss on the images to judge by falls.

    Args:
        network: in eval mode.
        data: images to measure on and to judge by; or what they are drawn from by
            `RefineOptions(seed=seed)`, as in `refine`.
        teacher: for binary last layers: a network in eval mode that takes the same images, with a
            layer of that name and shape, or the path of its checkpoint.
        seed: of the order of images, for binary last layers.
        device: where to compute, as in `refine`.
        on_result: called with the result. By default a line is printed on standard error.

    Returns:
        None where the last layer is not a linear one with weights of its own.

    Raises:
        CheckpointError: the teacher's checkpoint is missing or damaged.
        DataError: too few images, or an item of a Dataset that is no such pair.
        OptionError: the teacher has no such layer, or the network computes in anything but float32.
    """
    started = time.perf_counter()
    teacher = load_teacher_network(teacher)
    options = RefineOptions(seed=seed)
    images = prepare_images(network, data, options, teacher=teacher, device=device)
    check_float32(network)
    last = _last_linear(network, next(images.inputs())[:2])
    if last is None:
        return None
    name, layer = last
    before = {key: value.clone() for key, value in layer.state_dict().items()}
    starts = [before]
    if not isinstance(layer, BinaryLinear):
        teacher = None
    elif teacher is not None:
        starts.append(_teacher_values(teacher, name, layer))
    training_set = _read(network, layer, images, teacher, seed)
    fits = _fits(layer, starts, training_set)
    loss, kept, count = _keep_best(network, layer, fits, images)
    result = HeadResult(name, loss, kept, count, round(time.perf_counter() - started, 3))
    if on_result is None:
        print_line(head_line(result))
    else:
        on_result(result)
    return result


def _keep_best(
    network: nn.Module, layer: nn.Linear, fits: Iterator[_Values], images: RefineImages
) -> tuple[float, bool, int]:
    """Give the layer the best of the fits if it lowers the loss.

    Returns:
        The loss of the best fit, whether it was kept, and the number of fits.
    """
    final = {key: value.clone() for key, value in layer.state_dict().items()}
    losses = images.losses(network)
    trials: list[tuple[Losses, _Values]] = []
    try:
        for fit in fits:
            layer.load_state_dict(fit)
            trials.append((images.losses(network), fit))
        best, values = min(trials, key=lambda trial: trial[0].mean)
        kept = best.are_below(losses)
        if kept:
            final = values
    finally:  # also where it is interrupted
        layer.load_state_dict(final)
    return best.mean, kept, len(trials)


def _last_linear(network: nn.Module, x: Tensor) -> tuple[str, nn.Linear] | None:
    calls: list[tuple[nn.Module, Tensor]] = []
    names = {module: name for name, module in network.named_modules()}
    handles = [
        module.register_forward_hook(lambda module, inputs, output: calls.append((module, output)))
        for module in names
        if not list(module.children())
    ]
    try:
        with torch.no_grad():
            logits = network(x)
    finally:
        for handle in handles:
            handle.remove()
    last, output = calls[-1]
    if not isinstance(last, nn.Linear) or not has_own_weights(last):
        return None
    return (names[last], last) if torch.equal(output, logits) else None


def _fits(layer: nn.Linear, starts: list[_Values], training_set: _TrainingSet) -> Iterator[_Values]:
    if isinstance(layer, BinaryLinear):
        return (_fit_binary(start, training_set, rate) for start in starts for rate in RATES)
    return (_fit(start, training_set, penalty) for start in starts for penalty in PENALTIES)


def _teacher_values(teacher: nn.Module, name: str, layer: BinaryLinear) -> _Values:
    """Return the teacher's values for the layer; the layer's own where the teacher has no bias."""
    values = counterpart(teacher, BinaryLayer(name, layer)).state_dict()
    return {key: values.get(key, value).clone() for key, value in layer.state_dict().items()}


def _read(
    network: nn.Module, layer: nn.Module, images: RefineImages, teacher: nn.Module | None, seed: int
) -> _TrainingSet:
    features, labels, logits = [], [], []
    for x, y in images.measured():
        features.append(capture(network, [layer], x)[0][0])
        labels.append(y)
        if teacher is not None:
            with torch.no_grad():
                logits.append(teacher(x))
    teacher_logits = torch.cat(logits) if logits else None
    return _TrainingSet(torch.cat(features), torch.cat(labels), teacher_logits, seed)


def _fit(before: _Values, training_set: _TrainingSet, penalty: float) -> _Values:
    values = {key: value.clone().requires_grad_() for key, value in before.items()}
    solver = torch.optim.LBFGS(
        list(values.values()), max_iter=_STEPS, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        solver.zero_grad()
        distance = sum(((values[key] - before[key]).square().sum() for key in values), start=0.0)
        logits = F.linear(training_set.features, values["weight"], values.get("bias"))
        total = F.cross_entropy(logits, training_set.labels) + penalty / 2 * distance
        total.backward()  # type: ignore[no-untyped-call]
        return total

    solver.step(loss)  # type: ignore[no-untyped-call]
    return {key: value.detach() for key, value in values.items()}


def _fit_binary(start: _Values, training_set: _TrainingSet, rate: float) -> _Values:
    values = {key: value.clone().requires_grad_() for key, value in start.items()}
    count = len(training_set.labels)
    batches = -(-count // _BATCH)
    optimizer = torch.optim.Adam(list(values.values()), rate)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.01, _EPOCHS * batches)
    generator = torch.Generator().manual_seed(training_set.seed)
    for _ in range(_EPOCHS):
        for batch in torch.randperm(count, generator=generator).tensor_split(batches):
            chosen = batch.to(training_set.labels.device)
            optimizer.zero_grad()
            _binary_loss(values, training_set, chosen).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return {key: value.detach() for key, value in values.items()}


def _binary_loss(values: _Values, training_set: _TrainingSet, chosen: Tensor) -> Tensor:
    weight = binary_weight(values["weight"])
    logits = F.linear(training_set.features[chosen], weight, values.get("bias"))
    loss = F.cross_entropy(logits, training_set.labels[chosen])
    if training_set.teacher_logits is None:
        return loss
    distilled = distillation_loss(logits, training_set.teacher_logits[chosen], _TEMPERATURE)
    return (1.0 - _TEACHER_SHARE) * loss + _TEACHER_SHARE * distilled
