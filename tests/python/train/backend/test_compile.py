"""Compiled training: the same as without, and of several processes all compile or none.

One process that cannot would leave the others waiting.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from torch import Tensor, nn

from edgebin.errors import EdgebinError
from edgebin.train.backend import compile as compiled
from edgebin.train.backend.distributed import World
from edgebin.train.checkpoint.checkpoint import load_checkpoint
from edgebin.train.data.source import DataSet
from edgebin.train.loop import fit
from edgebin.train.recipe.recipe import Recipe, parse_recipe
from training.tiny_training import quiet_run, stop_after_two

LIKE = torch.zeros(2, 3)


def several(
    monkeypatch: pytest.MonkeyPatch, *, here: set[str], elsewhere: bool = True
) -> tuple[nn.Module, nn.Module, list[str]]:
    """Network, what is to be trained, and what was said, where compiling works for these kinds."""

    def compile_(made: Any, **_: Any) -> Any:
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
    return network, compiled.compiled_or_plain(network, LIKE, said.append), said


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


def losses(recipe: Recipe, data: DataSet, out: Path) -> list[float]:
    """Of each epoch of a run that says nothing of a compiler that is missing."""
    found: list[float] = []
    screen = io.StringIO()
    console = Console(file=screen, width=200)
    fit(
        recipe,
        data,
        out,
        device=torch.device("cpu"),
        console=console,
        on_epoch=lambda result: found.append(result.loss),
    )
    assert "torch.compile" not in screen.getvalue()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("part", [{"weights": "float32"}, {"activations": "relu"}])
def test_a_compiled_training_is_the_same_training(
    table: dict[str, dict[str, Any]], data: DataSet, tmp_path: Path, part: dict[str, str]
) -> None:
    """HWGQ and signs each alone: what reads codes by signs has ties, and each breaks its own way.

    They lie on HWGQ's threshold at 0 and between the values of a pool.
    """
    table["network"] = {"name": "vgg_small", "width": 0.03, "affine": True, **part}
    table["schedule"]["epochs"] = 2
    eager = parse_recipe(table, source="tiny.toml")
    table["run"]["compile"] = True
    pairs = (eager, "eager"), (parse_recipe(table, source="tiny.toml"), "compiled")
    one, two = (losses(how, data, tmp_path / name) for how, name in pairs)
    assert two == pytest.approx(one, rel=1e-3)


@pytest.mark.slow
def test_a_compiled_training_goes_on_to_the_same_bits(
    table: dict[str, dict[str, Any]], data: DataSet, tmp_path: Path
) -> None:
    """With HWGQ, signs and bfloat16, as the shipped recipes have them."""
    table["network"] = {"name": "vgg_small", "width": 0.03, "affine": True}
    table["run"] |= {"precision": "bfloat16", "compile": True}
    recipe = parse_recipe(table, source="tiny.toml")
    quiet_run(recipe, data, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        quiet_run(recipe, data, tmp_path / "broken", on_epoch=stop_after_two)
    quiet_run(recipe, data, tmp_path / "broken", resume=True)
    whole, broken = (
        load_checkpoint(tmp_path / out / "checkpoint.pt").model for out in ("whole", "broken")
    )
    assert all(torch.equal(value, broken[name]) for name, value in whole.items())
