"""Training recipes: plain data, shaped as their TOML file, into `tables.py` and back.

A recipe says everything that decides the result of a run, given the data set; the machine (device,
threads, folders) is no part of it. The number of classes and the size of the images come from
the data, so a recipe that gives them is refused, as is any unknown, missing or impossible key.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from edgebin.errors import OptionError, RecipeError
from edgebin.nn.networks import check_options
from edgebin.train.backend.precision import PRECISIONS
from edgebin.train.recipe.tables import (
    Cifar10Recipe,
    DistillationRecipe,
    EmaRecipe,
    FolderRecipe,
    NetworkRecipe,
    OptimizerRecipe,
    Recipe,
    RunRecipe,
    ScheduleRecipe,
)
from edgebin.train.recipe.toml_section import Section

__all__ = [
    "Cifar10Recipe",
    "DistillationRecipe",
    "EmaRecipe",
    "FolderRecipe",
    "NetworkRecipe",
    "OptimizerRecipe",
    "Recipe",
    "RunRecipe",
    "ScheduleRecipe",
    "parse_recipe",
    "recipe_data",
    "recipe_difference",
]

_FROM_DATA = ("num_classes", "input_size")


def parse_recipe(table: Mapping[str, object], *, source: str) -> Recipe:
    """A recipe from plain data, as TOML or `recipe_data` gives it.

    Raises:
        RecipeError: an entry is missing, unknown or impossible.
    """
    rest = {"run": {}, **table}  # of which no entry has to be there

    def section(name: str) -> Section:
        found = rest.pop(name, None)
        if not isinstance(found, Mapping):
            shown = "nothing" if found is None else repr(found)
            raise RecipeError(f"{source}: expected a table [{name}], found {shown}")
        return Section(source, name, found)

    recipe = Recipe(
        source,
        _network(section("network")) if "network" in rest else None,
        _data(section("data")),
        _optimizer(section("optimizer")),
        _schedule(section("schedule")),
        _run(section("run")),
        _distillation(section("distillation")) if "distillation" in rest else None,
        _ema(section("ema")) if "ema" in rest else None,
    )
    for name in rest:
        raise RecipeError(f"{source}: expected no table [{name}], found one")
    return recipe


def recipe_data(recipe: Recipe) -> dict[str, dict[str, object]]:
    """The recipe as TOML-shaped plain data: `parse_recipe` gives an equal recipe."""
    kind = "cifar10" if isinstance(recipe.data, Cifar10Recipe) else "folder"
    optimizer = dataclasses.asdict(recipe.optimizer)
    if recipe.optimizer.name != "sgd":
        del optimizer["momentum"], optimizer["nesterov"]
    data = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in dataclasses.asdict(recipe.data).items()
    }
    if not data.get("memory"):  # as in recipes older than this key
        data.pop("memory", None)
    if not data.get("labels"):  # likewise
        data.pop("labels", None)
    network: dict[str, dict[str, object]] = {}
    if recipe.network is not None:
        network["network"] = {"name": recipe.network.name, **recipe.network.options}
    optional = {"distillation": recipe.distillation, "ema": recipe.ema}
    more = {name: dataclasses.asdict(part) for name, part in optional.items() if part is not None}
    return {
        **network,
        "data": {"kind": kind, **data},
        "optimizer": optimizer,
        "schedule": dataclasses.asdict(recipe.schedule),
        "run": dataclasses.asdict(recipe.run),
        **more,
    }


def recipe_difference(found: Mapping[str, Mapping[str, object]], expected: Recipe) -> str | None:
    """The first entry in which plain data differs from that of a recipe, in words, or None."""
    theirs, ours = _flat(found), _flat(recipe_data(expected))
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            return f"{key} = {theirs.get(key)!r} instead of {ours.get(key)!r}"
    return None


def _flat(table: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    return {f"[{name}] {key}": entry for name, rows in table.items() for key, entry in rows.items()}


def _network(section: Section) -> NetworkRecipe:
    options = {key: value for key, value in section.left.items() if key != "name"}
    name = section.left.get("name")
    for key in _FROM_DATA:
        if key in options:
            section.fail(key, "no such key, for the data set gives it", options[key])
    if not isinstance(name, str):
        section.fail("name", "the name of a network", name)
    try:
        full = check_options(name, options)
    except OptionError as error:
        raise RecipeError(f"{section.source}: [network] {error}") from None
    return NetworkRecipe(name, {key: full[key] for key in options})


def _data(section: Section) -> Cifar10Recipe | FolderRecipe:
    kind = section.choice("kind", ("cifar10", "folder"))
    mean = section.numbers("mean", 3, least=0.0, most=1.0)
    std = section.numbers("std", 3, least=0.0, most=1.0, above=0.0)
    flip = section.boolean("flip", True)
    holdout = section.integer("holdout", 0, least=0, most=10**9)
    data: Cifar10Recipe | FolderRecipe
    if kind == "cifar10":
        pad = section.integer("pad", 4, least=0, most=32)
        data = Cifar10Recipe(mean, std, pad, flip, holdout)
    else:
        size = section.integer("input_size", least=1, most=4096)
        resize = section.integer("resize", least=size, most=8192)
        scale = section.numbers("scale", 2, [0.08, 1.0], least=0.0, most=1.0, above=0.0)
        if scale[0] > scale[1]:
            section.fail("scale", "the smaller number first", list(scale))
        memory = section.boolean("memory", False)
        labels = section.labels("labels")
        data = FolderRecipe(mean, std, size, resize, scale, flip, holdout, memory, labels)
    section.finish()
    return data


def _optimizer(section: Section) -> OptimizerRecipe:
    name = section.choice("name", ("sgd", "adamw"))
    lr = section.number("lr", least=0.0, most=100.0, above=0.0)
    momentum, nesterov = 0.0, False
    if name == "sgd":
        momentum = section.number("momentum", 0.9, least=0.0, most=1.0)
        nesterov = section.boolean("nesterov", False)
        if nesterov and momentum == 0.0:
            section.fail("nesterov", "false where momentum is 0", nesterov)
    decay = section.number("weight_decay", 0.0, least=0.0, most=100.0)
    decay_all = section.boolean("decay_all", True)
    section.finish()
    return OptimizerRecipe(name, lr, momentum, nesterov, decay, decay_all)


def _schedule(section: Section) -> ScheduleRecipe:
    epochs = section.integer("epochs", least=1, most=10**6)
    batch_size = section.integer("batch_size", least=2, most=10**6)
    warmup = section.number("warmup_epochs", 0.0, least=0.0, most=float(epochs))
    kind = section.choice("kind", ("cosine", "linear"))
    smoothing = section.number("label_smoothing", 0.0, least=0.0, most=0.999)
    section.finish()
    return ScheduleRecipe(epochs, batch_size, warmup, kind, smoothing)


def _run(section: Section) -> RunRecipe:
    run = RunRecipe(
        section.integer("seed", 0, least=0, most=2**63 - 1),
        section.boolean("compile", False),
        section.boolean("channels_last", False),
        section.choice("precision", PRECISIONS, "float32"),
    )
    section.finish()
    return run


def _distillation(section: Section) -> DistillationRecipe:
    weight = section.number("weight", least=0.0, most=1.0, above=0.0)
    temperature = section.number("temperature", least=0.0, most=1000.0, above=0.0)
    section.finish()
    return DistillationRecipe(weight, temperature)


def _ema(section: Section) -> EmaRecipe:
    decay = section.number("decay", least=0.0, most=0.999999)
    recalibrate = section.integer("recalibrate", 50, least=0, most=10**6)
    section.finish()
    return EmaRecipe(decay, recalibrate)
