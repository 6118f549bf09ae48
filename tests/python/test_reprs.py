"""What a notebook shows of edgebin's objects: one short line each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edgebin
from edgebin.graph.fingerprint import make
from edgebin.graph.ir import Network
from graphs.small_networks import binary_network, written

MOST = 300


def verified(network: Network, folder: Path) -> edgebin.Verification:
    return edgebin.verify(written(network, folder))


def test_objects_of_the_runtime_are_short(tmp_path: Path) -> None:
    network = binary_network()
    network = replace(network, self_test=make(network.graph), labels=("x" * 1000,) * 10)
    model = edgebin.load(written(network, tmp_path))
    prediction = model(np.zeros((4, 4, 3), np.uint8))[0]
    objects: dict[str, Any] = {
        "model": model,
        "in memory": edgebin.load((tmp_path / "binary.ebn").read_bytes()),
        "network": network,
        "graph": network.graph,
        "node": network.graph.nodes[2],
        "probe": network.self_test[0],
        "preprocessing": model.preprocessing,
        "verification": verified(network, tmp_path),
        "check": verified(network, tmp_path).checks[0],
        "input": model.inputs[0],
        "layer": model.layers[0],
        "step": model.profile(np.zeros((1, 8, 8, 3), np.uint8))[0],
        "prediction": prediction,
        "info": model._core.info,
    }
    for name, value in objects.items():
        assert len(repr(value)) <= MOST, name
        assert "\n" not in repr(value), name
    assert repr(network.graph.nodes[1]) == "<Node quantize 'codes' of 'first', {}>"
    assert prediction.label == "x" * 1000, "shown short, kept whole"
    found = repr(verified(network, tmp_path))
    assert found.startswith("<Verification of 'binary': ")
    assert found.endswith(" checks, exact>")


def test_objects_of_training_are_short() -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    from edgebin.converter.report import Conversion, ConvertedLayer
    from edgebin.train.checkpoint.checkpoint import Checkpoint
    from edgebin.train.data.source import DataSet

    layers = (
        ConvertedLayer("a", "Conv2d", "BinaryConv2d", ""),
        ConvertedLayer("b", "Linear", "Linear", "its input is no code"),
    )
    conversion = Conversion(torch.nn.Sequential(*[torch.nn.Linear(9, 9)] * 50), layers)
    assert repr(conversion) == "<Conversion: 1 of 2 layers became others>"
    assert str(conversion).splitlines()[1].split() == ["a", "Conv2d", "BinaryConv2d"]
    part: Any = range(40)
    preprocessing = edgebin.Preprocessing((0.5,) * 3, (0.5,) * 3)
    data = DataSet(("c" * 50,) * 1000, preprocessing, part, None, part)
    assert repr(data) == "<DataSet: 1000 classes, images: 40 train, 40 test>"
    state = {"weight": torch.zeros(100, 100)}
    checkpoint = Checkpoint(
        "resnet20",
        {},
        data.classes,
        preprocessing,
        {},
        3,
        9,
        state,
        state,
        state["weight"],
        state["weight"],
    )
    assert repr(checkpoint) == "<Checkpoint of 'resnet20': 10000 numbers, 3 epochs>"


def test_a_recipe_is_short_with_a_thousand_labels() -> None:
    pytest.importorskip("torch", reason="needs PyTorch")
    from edgebin.train import load_recipe
    from edgebin.train.recipe.tables import FolderRecipe

    recipe = load_recipe("imagenette160-resnet18")
    assert isinstance(recipe.data, FolderRecipe)
    labels = {f"n{i:08}": "x" * 50 for i in range(1000)}
    many = replace(recipe, data=replace(recipe.data, labels=labels))
    assert len(repr(many)) < 2000
