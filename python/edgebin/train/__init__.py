"""Training of networks: recipes, data sets, the loop, checkpoints.

    from edgebin.train import fit, load_recipe, open_data

    recipe = load_recipe("folder-resnet20")
    data = open_data("photos", recipe)
    result = fit(recipe, data, "runs/mine", device="cpu")

Needs PyTorch, which is imported with the first of these names.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from edgebin.install_hint import install_torch

if TYPE_CHECKING:
    from edgebin.train.checkpoint.checkpoint import Checkpoint as Checkpoint
    from edgebin.train.checkpoint.checkpoint import load_checkpoint as load_checkpoint
    from edgebin.train.checkpoint.network import load_network as load_network
    from edgebin.train.data import open_data as open_data
    from edgebin.train.data.source import DataSet as DataSet
    from edgebin.train.data.source import Source as Source
    from edgebin.train.data.tensors import tensor_data as tensor_data
    from edgebin.train.evaluation import evaluate as evaluate
    from edgebin.train.loop import fit as fit
    from edgebin.train.objective.distillation import load_teacher as load_teacher
    from edgebin.train.options import FitOptions as FitOptions
    from edgebin.train.recipe.file import load_recipe as load_recipe
    from edgebin.train.recipe.file import with_overrides as with_overrides
    from edgebin.train.recipe.names import shipped_recipes as shipped_recipes
    from edgebin.train.recipe.recipe import parse_recipe as parse_recipe
    from edgebin.train.recipe.tables import Recipe as Recipe
    from edgebin.train.results import EpochResult as EpochResult
    from edgebin.train.results import RunResult as RunResult
    from edgebin.train.results import Score as Score
    from edgebin.train.results import StepResult as StepResult

_HOMES = {
    "Checkpoint": "checkpoint.checkpoint",
    "DataSet": "data.source",
    "EpochResult": "results",
    "FitOptions": "options",
    "Recipe": "recipe.tables",
    "RunResult": "results",
    "Score": "results",
    "Source": "data.source",
    "StepResult": "results",
    "evaluate": "evaluation",
    "fit": "loop",
    "load_checkpoint": "checkpoint.checkpoint",
    "load_network": "checkpoint.network",
    "load_recipe": "recipe.file",
    "load_teacher": "objective.distillation",
    "open_data": "data",
    "parse_recipe": "recipe.recipe",
    "shipped_recipes": "recipe.names",
    "tensor_data": "data.tensors",
    "with_overrides": "recipe.file",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Import what is asked for: reading a log needs no PyTorch, and a device has none."""
    if name not in _HOMES:
        raise AttributeError(f"module 'edgebin.train' has no attribute {name!r}")
    try:
        module = importlib.import_module(f"edgebin.train.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ImportError(
            f"edgebin.train needs PyTorch: {install_torch()}", name="torch"
        ) from error
    return getattr(module, name)


def __dir__() -> list[str]:
    """List the public names, and not the modules."""
    return sorted(__all__)
