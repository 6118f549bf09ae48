"""docs/training.md names every table, key, default and choice of recipes, and the shipped ones."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import edgebin
from edgebin.nn.hwgq import BACKWARDS, THRESHOLDS
from edgebin.nn.networks import NETWORKS, check_options
from edgebin.nn.networks.parts import ACTIVATIONS, HIDDEN_KINDS, KINDS
from edgebin.train.recipe.recipe import parse_recipe, recipe_data
from edgebin.train.recipe.tables import PRECISIONS

toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

DOCS = Path(__file__).parents[4] / "docs" / "training.md"
CIFAR10 = {"kind": "cifar10", "mean": [0.5] * 3, "std": [0.5] * 3}
FOLDER = {**CIFAR10, "kind": "folder", "input_size": 8, "resize": 8}
SHORTEST: dict[str, dict[str, Any]] = {
    "optimizer": {"name": "sgd", "lr": 0.1},
    "schedule": {"epochs": 1, "batch_size": 2, "kind": "cosine"},
    "distillation": {"weight": 0.5, "temperature": 4.0},
    "ema": {"decay": 0.9},
}


def documented(section: str) -> dict[str, str]:
    """The keys of the tables under a heading, with the default of each, "" where it has none."""
    found: dict[str, str] = {}
    for row in re.findall(r"^\| (`[^|]*)\|([^|]*)\|", section, re.M):
        keys, defaults = (re.findall("`(.*?)`", cell) for cell in row)
        assert len(defaults) in (0, len(keys)), row
        found |= dict(zip(keys, defaults or [""] * len(keys), strict=True))
    return found


@pytest.fixture(scope="module")
def sections() -> dict[str, str]:
    """The text under each heading."""
    parts = re.split(r"^###? (.*)$", DOCS.read_text(), flags=re.M)
    return {name.strip("`[]"): text for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_key_and_default(sections: dict[str, str]) -> None:
    """As a recipe of nothing but what has to be there has them once it was read."""
    for data in (CIFAR10, FOLDER):
        shortest = {**SHORTEST, "data": data}
        full = recipe_data(parse_recipe(shortest, source="shortest"))
        # What data leaves out where it has the default, for the sake of older checkpoints.
        if data is FOLDER:
            full["data"] = {"memory": False, "labels": {}, **full["data"]}
        for name, expected in full.items():
            found = documented(sections[name])
            if name == "data":
                other = {"pad"} if data is FOLDER else {*FOLDER, "scale", "memory", "labels"}
                found = {key: found[key] for key in found.keys() - (other - CIFAR10.keys())}
            assert found.keys() == expected.keys(), name
            for key, default in found.items():
                if default:
                    assert toml.loads(f"x = {default}")["x"] == expected[key], key
                else:
                    assert key in shortest[name], key


def test_every_option_of_a_network(sections: dict[str, str]) -> None:
    found = documented(sections["network"])
    for name in NETWORKS:
        expected = check_options(name, {})
        for key in ("num_classes", "input_size"):
            expected.pop(key, None)
        assert {key: toml.loads(f"x = {found[key]}")["x"] for key in expected} == expected
        assert found.keys() - {"name"} == expected.keys()


def test_every_choice(sections: dict[str, str]) -> None:
    choices = (*NETWORKS, *BACKWARDS, *THRESHOLDS, *KINDS, *HIDDEN_KINDS, *ACTIVATIONS)
    for choice in choices:
        assert f'`"{choice}"`' in sections["network"]
    for choice in PRECISIONS:
        assert f'`"{choice}"`' in sections["run"]


def test_every_shipped_recipe(sections: dict[str, str]) -> None:
    home = Path(edgebin.__file__).parent / "train" / "recipe" / "shipped"
    names = re.findall("`(.*?)`", "".join(re.findall(r"^\| (.*?) \|", sections["Shipped"], re.M)))
    assert sorted(names) == sorted(path.stem for path in home.glob("*.toml"))


def test_the_example_is_a_recipe() -> None:
    example = re.search(r"```toml\n(.*?)```", DOCS.read_text(), re.S)
    assert example is not None
    assert parse_recipe(toml.loads(example[1]), source="example").run.compile is False
