"""The last layer fitted anew to what it reads, after the layers before it have changed.

Real and int8 weights: multinomial logistic regression on the pictures to measure on, held to the
old weights by a penalty on the squared distance. Binary ones: the same loss, shared with that of a
teacher's answers if there is one, by gradients that go straight through the signs, from the old
latent weights and from the teacher's. Of several fits the one counts that is best on the pictures
to judge by. It refuses to change anything before the last layer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.nn.binary import BinaryLinear
from edgebin.nn.weights import binary_weight
from edgebin.refine.pictures import Losses, Pictures
from edgebin.refine.responses import seen_at
from edgebin.refine.sites import Site, check_float32, has_own_weights
from edgebin.refine.teacher import counterpart
from edgebin.train.backend.precision import exact_convolutions
from edgebin.train.distillation import distillation_loss

PENALTIES = (1.0, 0.1, 0.01)
_STEPS = 50
# For binary weights. On the quarter-wide VGG-small Adam at 1e-3 was best of 1e-4 to 3e-2, on
# pictures held out, in trials without a log; the teacher counts as in the recipes with one.
RATES = (3e-3, 1e-3, 3e-4)
_EPOCHS = 30
_BATCH = 200
_TEACHERS_SHARE = 0.7
_TEMPERATURE = 4.0

_Values = dict[str, Tensor]  # weight, and bias if any


@dataclass(frozen=True, slots=True)
class HeadResult:
    """What became of the last layer: its name, the loss with new weights, whether they stay.

    `fits` says how many were judged, `seconds` how long it took.
    """

    layer: str
    loss: float
    kept: bool
    fits: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Lesson:
    features: Tensor  # (N, in), what the last layer reads
    labels: Tensor  # (N,)
    wanted: Tensor | None  # (N, classes), a teacher's logits
    seed: int


@exact_convolutions()
def refit_head(
    network: nn.Module, pictures: Pictures, teacher: nn.Module | None = None, *, seed: int = 0
) -> HeadResult | None:
    """Fits the last linear layer, and keeps it if the loss on the pictures to judge by falls.

    Args:
        network: in eval mode, on the device of the pictures.
        pictures: to measure on and to judge by.
        teacher: for binary last layers: a network in eval mode that answers the same pictures,
            with a layer of that name and shape.
        seed: of the order of pictures, for binary last layers.

    Returns:
        None where the last layer is no linear one with weights of its own.

    Raises:
        OptionError: the teacher has no such layer, or the network computes in anything but float32.
    """
    started = time.perf_counter()
    check_float32(network)
    found = _last_linear(network, next(pictures.inputs())[:2])
    if found is None:
        return None
    name, layer = found
    before = {key: value.clone() for key, value in layer.state_dict().items()}
    begins = [before]
    if not isinstance(layer, BinaryLinear):
        teacher = None
    elif teacher is not None:
        begins.append(_theirs(teacher, name, layer))
    lesson = _read(network, layer, pictures, teacher, seed)
    losses = pictures.losses(network)
    trials: list[tuple[Losses, _Values]] = []
    stays = before  # also where someone interrupts it
    try:
        for fit in _fits(layer, begins, lesson):
            layer.load_state_dict(fit)
            trials.append((pictures.losses(network), fit))
        best, values = min(trials, key=lambda trial: trial[0].mean)
        kept = best.are_below(losses)
        if kept:
            stays = values
    finally:
        layer.load_state_dict(stays)
    seconds = round(time.perf_counter() - started, 3)
    return HeadResult(name, best.mean, kept, len(trials), seconds)


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


def _fits(layer: nn.Linear, begins: list[_Values], lesson: _Lesson) -> Iterator[_Values]:
    if isinstance(layer, BinaryLinear):
        return (_binary_fitted(begin, lesson, rate) for begin in begins for rate in RATES)
    return (_fitted(begin, lesson, penalty) for begin in begins for penalty in PENALTIES)


def _theirs(teacher: nn.Module, name: str, layer: BinaryLinear) -> _Values:
    """The teacher's values for the layer; the layer's own where it has no bias."""
    theirs = counterpart(teacher, Site(name, layer)).state_dict()
    return {key: theirs.get(key, value).clone() for key, value in layer.state_dict().items()}


def _read(
    network: nn.Module, layer: nn.Module, pictures: Pictures, teacher: nn.Module | None, seed: int
) -> _Lesson:
    features, labels, wanted = [], [], []
    for x, numbers in pictures.measured():
        features.append(seen_at(network, [layer], x)[0][0])
        labels.append(numbers)
        if teacher is not None:
            with torch.no_grad():
                wanted.append(teacher(x))
    answers = torch.cat(wanted) if wanted else None
    return _Lesson(torch.cat(features), torch.cat(labels), answers, seed)


def _fitted(before: _Values, lesson: _Lesson, penalty: float) -> _Values:
    values = {key: value.clone().requires_grad_() for key, value in before.items()}
    solver = torch.optim.LBFGS(
        list(values.values()), max_iter=_STEPS, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        solver.zero_grad()
        distance = sum(((values[key] - before[key]).square().sum() for key in values), start=0.0)
        logits = F.linear(lesson.features, values["weight"], values.get("bias"))
        total = F.cross_entropy(logits, lesson.labels) + penalty / 2 * distance
        total.backward()  # type: ignore[no-untyped-call]
        return total

    solver.step(loss)  # type: ignore[no-untyped-call]
    return {key: value.detach() for key, value in values.items()}


def _binary_fitted(begin: _Values, lesson: _Lesson, rate: float) -> _Values:
    values = {key: value.clone().requires_grad_() for key, value in begin.items()}
    count = len(lesson.labels)
    parts = -(-count // _BATCH)
    optimizer = torch.optim.Adam(list(values.values()), rate)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.01, _EPOCHS * parts)
    generator = torch.Generator().manual_seed(lesson.seed)
    for _ in range(_EPOCHS):
        for part in torch.randperm(count, generator=generator).tensor_split(parts):
            chosen = part.to(lesson.labels.device)
            weight = binary_weight(values["weight"])
            logits = F.linear(lesson.features[chosen], weight, values.get("bias"))
            loss = F.cross_entropy(logits, lesson.labels[chosen])
            if lesson.wanted is not None:
                learned = distillation_loss(logits, lesson.wanted[chosen], _TEMPERATURE)
                loss = (1.0 - _TEACHERS_SHARE) * loss + _TEACHERS_SHARE * learned
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return {key: value.detach() for key, value in values.items()}
