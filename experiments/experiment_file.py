"""Reads the file of an experiment: a list of steps, each after the steps that it needs.

Unknown keys and steps that need a later step are errors.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgebin.errors import EdgebinError

_TOML = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
_TRAINING = ("epochs", "holdout", "seed")
_UPDATE = ("method", "target", "images", "holdout", "rounds", "seed", "last")
SOURCES = ("init", "teacher", "refines")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an experiment.

    Args:
        name: of the step.
        recipe: of a training; empty for an alternating update.
        options: of the command, as the file has them.
    """

    name: str
    recipe: str
    options: Mapping[str, Any]

    @property
    def folder(self) -> str:
        """The name of the folder of its run."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    @property
    def sources(self) -> list[str]:
        """The names of the steps that it needs."""
        return [self.options[key] for key in SOURCES if key in self.options]


def read_experiment(path: Path) -> list[Step]:
    """Return the steps of a file, each after the steps that it needs.

    Raises:
        EdgebinError: the file cannot be read, or a step is not valid.
    """
    try:
        entries = _TOML.loads(path.read_text(encoding="utf-8")).get("step", [])
    except (OSError, ValueError) as error:
        raise EdgebinError(f"{path}: expected a TOML file, found: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise EdgebinError(f"{path}: expected tables [[step]], found another 'step'")
    steps: list[Step] = []
    for number, entry in enumerate(entries, 1):
        options = dict(entry)
        name, recipe = options.pop("name", ""), options.pop("recipe", "")
        if not isinstance(name, str) or not isinstance(recipe, str):
            raise EdgebinError(f"{path}: step {number}: expected name and recipe to be texts")
        step = Step(name, recipe, options)
        known = (*_TRAINING, "init", "teacher") if recipe else (*_UPDATE, "teacher", "refines")
        for key in options:
            if key not in known:
                raise EdgebinError(f"{path}: step {number}: expected no key {key!r}, found one")
        if not step.folder or not (recipe or "refines" in options):
            raise EdgebinError(f"{path}: step {number}: expected a name, and recipe or refines")
        for source in step.sources:
            if source not in [earlier.name for earlier in steps]:
                raise EdgebinError(
                    f"{path}: step {number}: expected an earlier step, found {source!r}"
                )
        if step.folder in [earlier.folder for earlier in steps]:
            raise EdgebinError(
                f"{path}: step {number}: expected a folder of its own, found {step.folder!r} again"
            )
        steps.append(step)
    if not steps:
        raise EdgebinError(f"{path}: expected tables [[step]], found none")
    return steps


def recipe_of(step: Step, experiment: Path) -> str:
    """Return the name of a shipped recipe, or the path of a recipe file.

    Paths in an experiment are relative to the folder of its file.
    """
    return str(experiment.parent / step.recipe) if step.recipe.endswith(".toml") else step.recipe
