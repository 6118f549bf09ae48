"""Several processes compile together or not at all: one that cannot would leave others waiting."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from edgebin.errors import EdgebinError
from edgebin.train import compiled
from edgebin.train.distributed import World

LIKE = torch.zeros(2, 3)


def several(
    monkeypatch: pytest.MonkeyPatch, *, here: set[str], elsewhere: bool = True
) -> tuple[nn.Module, nn.Module, list[str]]:
    """Network, what is to be trained, and what was said, where compiling works for these kinds."""

    def compile_(made: Any, **options: Any) -> Any:
        def forward(x: Tensor) -> Tensor:
            if ("network" if isinstance(made, nn.Module) else "anything") not in here:
                raise RuntimeError("no compiler\nlong story")
            result: Tensor = made(x)
            return result

        return forward

    def summed(failed: Tensor) -> Tensor:
        return failed + (0.0 if elsewhere else 1.0)

    monkeypatch.setattr(torch, "compile", compile_)
    monkeypatch.setattr(compiled, "world", lambda: World(0, 2))
    monkeypatch.setattr(compiled, "summed", summed)
    network, said = nn.Linear(3, 2), list[str]()
    return network, compiled.compiled_or_not(network, LIKE, said.append), said


def test_all_compile_where_all_can(monkeypatch: pytest.MonkeyPatch) -> None:
    network, forward, said = several(monkeypatch, here={"network", "anything"})
    assert forward is not network
    assert said == []


def test_none_compiles_where_one_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    network, forward, said = several(monkeypatch, here=set())
    assert forward is network
    assert said == ["torch.compile does not work here, training without it: no compiler"]
    everything = {"network", "anything"}
    network, forward, said = several(monkeypatch, here=everything, elsewhere=False)
    assert forward is network
    assert said[0].endswith("without it: another process of the run cannot")


def test_a_network_that_one_cannot_compile_ends_all(monkeypatch: pytest.MonkeyPatch) -> None:
    line = r"torch.compile fails for this network in several processes: no compiler; what works: "
    with pytest.raises(EdgebinError, match=line):
        several(monkeypatch, here={"anything"})
