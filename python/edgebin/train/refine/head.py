"""The last layer fitted anew to what it reads, after the layers before it have changed.

Multinomial logistic regression on the pictures to measure on, held to the old weights by a penalty
on the squared distance. It refuses binary last layers: their signs are the update's business.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.nn.binary import BinaryLinear
from edgebin.train.refine.pictures import Losses, Pictures
from edgebin.train.refine.responses import seen_at

PENALTIES = (1.0, 0.1, 0.01)
_STEPS = 50


@dataclass(frozen=True, slots=True)
class HeadResult:
    """What became of the last layer: its name, the loss with new weights, whether they stay.

    `seconds` says how long it took.
    """

    layer: str
    loss: float
    kept: bool
    seconds: float


def refit_head(network: nn.Module, pictures: Pictures) -> HeadResult | None:
    """Fits the last linear layer, and keeps it if the loss on the pictures to judge by falls.

    Args:
        network: in eval mode, on the device of the pictures.
        pictures: to measure on and to judge by.

    Returns:
        None where the last layer is no linear one with real or int8 weights.
    """
    started = time.perf_counter()
    found = _last_linear(network, next(pictures.inputs())[:2])
    if found is None:
        return None
    name, layer = found
    features, labels = _read(network, layer, pictures)
    before = {key: value.clone() for key, value in layer.state_dict().items()}
    losses = pictures.losses(network)
    best: tuple[Losses, dict[str, Tensor]] | None = None
    for penalty in PENALTIES:
        layer.load_state_dict(_fitted(before, features, labels, penalty))
        trial = pictures.losses(network)
        if best is None or trial.mean < best[0].mean:
            best = trial, {key: value.clone() for key, value in layer.state_dict().items()}
    assert best is not None
    kept = best[0].are_below(losses)
    layer.load_state_dict(best[1] if kept else before)
    return HeadResult(name, best[0].mean, kept, round(time.perf_counter() - started, 3))


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
    if not isinstance(last, nn.Linear) or isinstance(last, BinaryLinear):
        return None
    return (names[last], last) if torch.equal(output, logits) else None


def _read(network: nn.Module, layer: nn.Module, pictures: Pictures) -> tuple[Tensor, Tensor]:
    parts = [(seen_at(network, [layer], x)[0][0], labels) for x, labels in pictures.measured()]
    return torch.cat([part for part, _ in parts]), torch.cat([labels for _, labels in parts])


def _fitted(
    before: dict[str, Tensor], features: Tensor, labels: Tensor, penalty: float
) -> dict[str, Tensor]:
    values = {key: value.clone().requires_grad_() for key, value in before.items()}
    solver = torch.optim.LBFGS(
        list(values.values()), max_iter=_STEPS, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        solver.zero_grad()
        distance = sum(((values[key] - before[key]).square().sum() for key in values), start=0.0)
        fit = F.cross_entropy(F.linear(features, values["weight"], values.get("bias")), labels)
        total = fit + penalty / 2 * distance
        total.backward()  # type: ignore[no-untyped-call]
        return total

    solver.step(loss)  # type: ignore[no-untyped-call]
    return {key: value.detach() for key, value in values.items()}
