"""Every shipped recipe trains: narrow, on a few generated images, and what comes out exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import edgebin
from edgebin.cli.export import export
from edgebin.errors import RecipeError
from edgebin.nn.networks import build
from edgebin.train.checkpoint.network import load_network
from edgebin.train.data import open_data
from edgebin.train.data.source import DataSet
from edgebin.train.recipe.file import load_recipe
from edgebin.train.recipe.names import shipped_recipes
from edgebin.train.recipe.recipe import Recipe, parse_recipe, recipe_data
from training.tiny_training import quiet_run

CPU = torch.device("cpu")
NAMED = [name for name in shipped_recipes() if name != "folder"]
FAST = ("cifar10-resnet20", "cifar10-vgg-small-distilled", "imagenette160-resnet18")
SIDES = {"vgg_small": 8, "resnet20": 8, "resnet18": 32, "alexnet": 63}  # pixels
WIDTHS = {"vgg_small": 0.05, "resnet20": 0.2, "resnet18": 0.05, "alexnet": 0.02}


def small(name: str) -> Recipe:
    """The recipe for one epoch of a narrow network, without what takes time."""
    table = recipe_data(load_recipe(name))
    network: dict[str, Any] = table["network"]
    data: dict[str, Any] = table["data"]
    side = SIDES[network["name"]]
    network["width"] = WIDTHS[network["name"]]
    table["schedule"] |= {"epochs": 1, "batch_size": 4, "warmup_epochs": 0.0}
    table["run"]["compile"] = False
    data["holdout"] = 0
    if data["kind"] == "folder":
        data |= {"input_size": side, "resize": side + 2, "labels": {}}
    return parse_recipe(table, source=name)


def teacher_of(recipe: Recipe, data: DataSet) -> nn.Module:
    """A network of the same shape with real weights."""
    assert recipe.network is not None
    options: dict[str, Any] = {**recipe.network.options, "weights": "float32"}
    side = data.preprocessing.input_size
    return build(recipe.network.name, **options, num_classes=len(data.classes), input_size=side)


@pytest.mark.parametrize(
    "name", [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in NAMED]
)
def test_it_trains_and_exports(name: str, images: Path, data: DataSet, tmp_path: Path) -> None:
    recipe = small(name)
    if not name.startswith("cifar10"):
        data = open_data(images, recipe, device=CPU)
    more: dict[str, Any] = {}
    if recipe.distillation is not None:
        with pytest.raises(RecipeError, match="teacher"):
            quiet_run(recipe, data, tmp_path / "alone")
        more["teacher"] = teacher_of(recipe, data)
    log = quiet_run(recipe, data, tmp_path / "run", **more)
    assert [line["event"] for line in log] == ["header", "epoch", "end"]
    assert log[1]["step"] == len(data.train) // 4

    path = tmp_path / "run" / "checkpoint.pt"
    export(tmp_path / "run.ebn", path)
    network, checkpoint = load_network(path)
    how = checkpoint.preprocessing
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (1, how.input_size, how.input_size, 3), dtype=np.uint8)
    mean, std = (torch.tensor(values).double()[:, None, None] for values in (how.mean, how.scale))
    pixels = torch.from_numpy(image).permute(0, 3, 1, 2).double()
    with torch.no_grad():
        expected = network.double()((pixels / 255 - mean) / std)
    found = edgebin.load(tmp_path / "run.ebn").run(image)
    # Float networks learn with real weights and get int8 ones in first and last layer at export.
    assert recipe.network is not None
    rounded = recipe.network.options.get("activations") == "relu"
    tolerance = 0.03 * float(expected.abs().max()) if rounded else 1e-4
    assert np.allclose(found, expected.numpy(), atol=tolerance)


def test_the_recipe_for_a_network_of_ones_own_is_that_of_resnet20_without_one() -> None:
    own, named = load_recipe("folder"), recipe_data(load_recipe("folder-resnet20"))
    assert own.network is None
    assert named.pop("network")["name"] == "resnet20"
    named["run"]["channels_last"] = False  # which a network of one's own may not take
    assert recipe_data(own) == named
