"""A step as one CUDA graph: the same training as without, and a run that goes on without one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from edgebin.train.backend.cuda_graph import GraphedStep
from edgebin.train.data.source import DataSet
from edgebin.train.evaluation import network_input
from edgebin.train.objective.objective import Objective
from edgebin.train.recipe.recipe import Recipe, parse_recipe
from edgebin.train.state import State, fresh_state

STEPS = 8


def begun(recipe: Recipe, data: DataSet, device: torch.device) -> State:
    state = fresh_state(recipe, data, device=device)
    state.network.train()
    return state


def objective_of(state: State, recipe: Recipe) -> Objective:
    return Objective(recipe, state.network, state.optimizer)


def trained(state: State, gradients: Any, batches: list[tuple[Tensor, Tensor]]) -> list[float]:
    losses = []
    for x, labels in batches:
        logits, loss = gradients(x, labels)
        assert logits.shape == (len(labels), 3)
        losses.append(loss.item())
        state.optimizer.step()
    return losses


def batches_of(data: DataSet, device: torch.device) -> list[tuple[Tensor, Tensor]]:
    given: list[tuple[Tensor, Tensor]] = []
    generator = torch.Generator().manual_seed(0)
    while len(given) < STEPS:
        for images, labels in data.train.training(8, generator):
            x = network_input(images, data.preprocessing, channels_last=True)
            given.append((x.to(device), labels.to(device)))
    return given[:STEPS]


def test_without_a_graph_the_run_goes_on_and_says_why_once(
    recipe: Recipe, data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> None:
        raise RuntimeError("no graphs today\nat some address")

    monkeypatch.setattr(torch.cuda, "CUDAGraph", refused)
    cpu = torch.device("cpu")
    one, two = begun(recipe, data, cpu), begun(recipe, data, cpu)
    said: list[str] = []
    batches = batches_of(data, cpu)
    plain = trained(one, objective_of(one, recipe), batches)
    objective = objective_of(two, recipe)
    graphed = trained(two, GraphedStep(objective, two.network, said.append), batches)
    assert graphed == plain
    assert len(set(plain)) == STEPS
    assert said == ["a CUDA graph does not work here, training without it: no graphs today"]


def test_a_failed_recording_says_what_failed_first(
    recipe: Recipe, data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Graph:
        """As torch's: what ends a broken recording fails too."""

        def __init__(self, graph: object, stream: object) -> None:
            pass

        def __enter__(self) -> None:
            pass

        def __exit__(self, *raised: object) -> None:
            raise RuntimeError("capture failed due to a previous error")

    monkeypatch.setattr(torch.cuda, "CUDAGraph", object)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: None)
    monkeypatch.setattr(torch.cuda, "graph", Graph)
    cpu = torch.device("cpu")
    state = begun(recipe, data, cpu)
    objective = objective_of(state, recipe)
    said: list[str] = []
    error: BaseException = ValueError("an item was asked for\nwhere none can be")
    calls = []

    def broken(x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        calls.append(len(labels))
        if len(calls) == 4:
            raise error
        return objective(x, labels)

    batches = batches_of(data, cpu)
    assert len(trained(state, GraphedStep(broken, state.network, said.append), batches)) == STEPS
    assert said == ["a CUDA graph does not work here, training without it: an item was asked for"]
    error = KeyboardInterrupt()
    calls.clear()
    with pytest.raises(KeyboardInterrupt):
        trained(state, GraphedStep(broken, state.network, said.append), batches)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_replayed_step_trains_as_one_that_is_not(
    table: dict[str, dict[str, Any]], data: DataSet, precision: str
) -> None:
    table["run"] |= {"precision": precision, "channels_last": True}
    recipe = parse_recipe(table, source="tiny.toml")
    cuda = torch.device("cuda")
    one, two = begun(recipe, data, cuda), begun(recipe, data, cuda)
    said: list[str] = []
    batches = batches_of(data, cuda)
    plain = trained(one, objective_of(one, recipe), batches)
    asked: list[int] = []

    def counted(x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        asked.append(len(labels))
        return objective_of(two, recipe)(x, labels)

    graphed = trained(two, GraphedStep(counted, two.network, said.append), batches)
    assert said == []
    assert asked == [8] * 4  # three as they are and the recording; the other steps are replayed
    assert graphed == pytest.approx(plain, rel=2e-2)
    ours, theirs = one.network.state_dict(), two.network.state_dict()
    for name, value in ours.items():
        assert torch.allclose(value.float(), theirs[name].float(), rtol=0.05, atol=0.02), name
    tracked = [name for name in ours if name.endswith("num_batches_tracked")]
    assert tracked
    assert all(int(theirs[name]) == STEPS for name in tracked)
