"""Public names, parameters, members, commands, options and environment variables of 0.1.0."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer.main

import edgebin
from edgebin.cli import app

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

API = json.loads((Path(__file__).parents[2] / "fixtures/0.1.0/api.json").read_text())
NAMES = [(module, name) for module, names in API["names"].items() for name in names]
MADE_BY_USERS = ("Preprocessing", "RefineOptions", "Model", "Pictures")


def takes(thing: Any, parameter: str) -> bool:
    function = thing.__init__ if inspect.isclass(thing) else thing
    if parameter in getattr(function, "renamed_arguments", {}):
        return True
    parameters = inspect.signature(thing).parameters
    kinds = {entry.kind for entry in parameters.values()}
    return parameter in parameters or inspect.Parameter.VAR_KEYWORD in kinds


@pytest.mark.parametrize(("module", "name"), NAMES, ids=".".join)
def test_a_public_name_is_there_with_what_it_had(module: str, name: str) -> None:
    thing = getattr(importlib.import_module(module), name)
    entry = API["names"][module][name]
    if not inspect.isclass(thing) or name in MADE_BY_USERS:
        lost = [one for one in entry.get("parameters", ()) if not takes(thing, one)]
        assert lost == []
    assert [one for one in entry.get("members", ()) if not hasattr(thing, one)] == []
    if inspect.isclass(thing):
        bases = {kind.__name__ for kind in thing.__mro__}
        assert set(entry["bases"]) <= bases


@pytest.mark.parametrize("name", list(API["commands"]))
def test_a_command_has_its_options(name: str) -> None:
    group: Any = typer.main.get_command(app.app)
    parameters = group.commands[name].params
    found = {option for one in parameters for option in [*one.opts, *one.secondary_opts]}
    assert set(API["commands"][name]) <= found


def test_edgebin_product_chooses_the_conv_algorithm(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every instruction set has "bit_serial"; one that has "lookup" too prefers it, but for AMX."""

    def kernels(isa: str) -> set[str]:
        model = edgebin.load(old / "version-2.ebn", isa=isa)
        image = np.zeros((1, *model.inputs[0].shape), np.uint8)
        return {step.kernel for step in model.profile(image)}

    for isa in edgebin.isas():
        usual = kernels(isa)
        monkeypatch.setenv("EDGEBIN_PRODUCT", "bit_serial")
        assert not any("lookup" in kernel for kernel in kernels(isa))
        if any("lookup" in kernel or kernel == "matrix_tiles" for kernel in usual):
            monkeypatch.setenv("EDGEBIN_PRODUCT", "lookup")
            found = kernels(isa)
            assert any("lookup" in kernel for kernel in found)
            assert isa == "amx" or found == usual
        monkeypatch.setenv("EDGEBIN_PRODUCT", "nonsense")
        with pytest.raises(edgebin.OptionError, match="EDGEBIN_"):
            kernels(isa)
        monkeypatch.delenv("EDGEBIN_PRODUCT")


def test_edgebin_isa_chooses_the_instruction_set(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for isa in edgebin.isas():
        monkeypatch.setenv("EDGEBIN_ISA", isa)
        assert edgebin.load(old / "version-2.ebn").isa == isa
