"""Training recipes: plain data, shaped as their TOML file, to `tables.Recipe` and back.

A recipe is everything that decides the result of a run, given the data set; the machine (device,
threads, folders) is no part of it. The number of classes and the size of the images come from the
data. Every key is checked: an unknown, missing or impossible one is an error of one line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from edgebin.errors import RecipeError, closest, short, suggestion
from edgebin.train.recipe.names import SHIPPED
from edgebin.train.recipe.read_tables import (
    read_data,
    read_distillation,
    read_ema,
    read_network,
    read_optimizer,
    read_run,
    read_schedule,
    required_keys,
)
from edgebin.train.recipe.section import Section
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

_TO_START_FROM = "folder-resnet20.toml"
_NEEDED = ("data", "optimizer", "schedule")
_OPTIONAL = ("network", "run", "distillation", "ema")


def parse_recipe(table: Mapping[str, object], *, source: str) -> Recipe:
    """Return a recipe from plain data, as TOML or `recipe_data` gives it.

    Args:
        table: tables by name, without [network] for a network of the user's own.
        source: what messages call it, a file's path say.

    Raises:
        RecipeError: an entry is missing, unknown or impossible. Of several missing tables and keys
            the message names all.
    """
    _check_tables(table, source)

    def section(name: str) -> Section:
        entries = table.get(name, {})
        if not isinstance(entries, Mapping):
            raise RecipeError(f"{source}: expected a table [{name}], found {short(entries)}")
        return Section(source, name, entries)

    return Recipe(
        source,
        read_network(section("network")) if "network" in table else None,
        read_data(section("data")),
        read_optimizer(section("optimizer")),
        read_schedule(section("schedule")),
        read_run(section("run")),
        read_distillation(section("distillation")) if "distillation" in table else None,
        read_ema(section("ema")) if "ema" in table else None,
    )


def _check_tables(table: Mapping[str, object], source: str) -> None:
    for name in table:
        if name not in (*_NEEDED, *_OPTIONAL):
            hint = suggestion(name, [*_NEEDED, *_OPTIONAL])
            raise RecipeError(f"{source}: expected no table [{name}], found one{hint}")
    missing = [f"[{name}]" for name in _NEEDED if name not in table]
    keys = _missing_keys(table)
    if not missing and len(keys) < 2:  # the reader of the table says what a single one must be
        return
    expected = []
    if missing:
        tables = f"tables {', '.join(missing)}" if len(missing) > 1 else f"a table {missing[0]}"
        if "network" not in table:
            tables += ", and [network] unless fit(network=...) gives one"
        expected.append(tables)
    if keys:
        expected.append(f"{'keys' if len(keys) > 1 else 'a key'} {', '.join(keys)}")
    raise RecipeError(
        f"{source}: expected {', and '.join(expected)}, found nothing; a recipe to start from: "
        f"{SHIPPED / _TO_START_FROM}"
    )


def _missing_keys(table: Mapping[str, object]) -> list[str]:
    """Return "[table] key" of what the tables that are there lack, with a misspelling of it."""
    found = []
    for name, entries in table.items():
        if not isinstance(entries, Mapping):
            continue
        required = required_keys(name, entries)
        for key in required:
            if key not in entries:
                misspelt = closest(key, [k for k in entries if k not in required])
                hint = f" (found {short(misspelt)})" if misspelt is not None else ""
                found.append(f"[{name}] {key}{hint}")
    return found


def recipe_data(recipe: Recipe) -> dict[str, dict[str, object]]:
    """Return a recipe as TOML-shaped plain data, of which `parse_recipe` makes an equal recipe."""
    kind = "cifar10" if isinstance(recipe.data, Cifar10Recipe) else "folder"
    optimizer = dataclasses.asdict(recipe.optimizer)
    if recipe.optimizer.name != "sgd":
        del optimizer["momentum"], optimizer["nesterov"]
    data = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in dataclasses.asdict(recipe.data).items()
    }
    for key in ("memory", "labels"):  # absent in recipes older than these keys
        if not data.get(key):
            data.pop(key, None)
    network: dict[str, dict[str, object]] = {}
    if recipe.network is not None:
        network["network"] = {"name": recipe.network.name, **recipe.network.options}
    optional = {"distillation": recipe.distillation, "ema": recipe.ema}
    given = {name: dataclasses.asdict(part) for name, part in optional.items() if part is not None}
    return {
        **network,
        "data": {"kind": kind, **data},
        "optimizer": optimizer,
        "schedule": dataclasses.asdict(recipe.schedule),
        "run": dataclasses.asdict(recipe.run),
        **given,
    }


def recipe_difference(found: Mapping[str, Mapping[str, object]], expected: Recipe) -> str | None:
    """Return the first entry in which plain data differs from a recipe's, in words, or None."""
    entries, expected_entries = _flat(found), _flat(recipe_data(expected))
    for key in sorted(entries.keys() | expected_entries.keys()):
        if entries.get(key) != expected_entries.get(key):
            return f"{key} = {entries.get(key)!r} instead of {expected_entries.get(key)!r}"
    return None


def _flat(table: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    return {f"[{name}] {key}": entry for name, rows in table.items() for key, entry in rows.items()}
