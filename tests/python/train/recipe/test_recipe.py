"""Recipes: what is read, that it comes back equal, and one line for each thing that is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgebin.errors import RecipeError
from edgebin.train.recipe.file import load_recipe, with_overrides
from edgebin.train.recipe.names import SHIPPED, shipped_recipes
from edgebin.train.recipe.read_tables import required_keys
from edgebin.train.recipe.recipe import Cifar10Recipe, FolderRecipe, parse_recipe, recipe_data

Table = dict[str, dict[str, Any]]
FOLDER = {
    "kind": "folder",
    "mean": [0.5, 0.5, 0.5],
    "std": [0.2, 0.2, 0.2],
    "input_size": 64,
    "resize": 72,
}


def test_shipped_recipes_are_whole() -> None:
    assert "cifar10-resnet20" in shipped_recipes()
    for name in shipped_recipes():
        recipe = load_recipe(name)
        assert parse_recipe(recipe_data(recipe), source=name) == recipe


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Editors of Windows write one."""
    plain = (SHIPPED / "folder.toml").read_bytes()
    paths = [tmp_path / "plain.toml", tmp_path / "marked.toml"]
    for path, start in zip(paths, (b"", b"\xef\xbb\xbf"), strict=True):
        path.write_bytes(start + plain)
    assert recipe_data(load_recipe(paths[0])) == recipe_data(load_recipe(paths[1]))


def test_a_file_may_name_the_classes_of_imagenet(tmp_path: Path) -> None:
    labels = {f"n{number:08}": f"class {number}, or as others call it" for number in range(1000)}
    text = (SHIPPED / "imagenette160-resnet18.toml").read_text()
    rest = text[: text.index("[data.labels]")] + text[text.index("[optimizer]") :]
    lines = "".join(f'{folder} = "{label}"\n' for folder, label in labels.items())
    path = tmp_path / "imagenet.toml"
    path.write_text(f"{rest}\n[data.labels]\n{lines}")
    data = load_recipe(path).data
    assert isinstance(data, FolderRecipe)
    assert data.labels == labels


def test_resnet20_recipe_folds_exactly() -> None:
    recipe = load_recipe("cifar10-resnet20")
    assert isinstance(recipe.data, Cifar10Recipe)
    assert len(set(recipe.data.std)) == 1
    assert recipe.network is not None
    assert recipe.network.options["first"] == recipe.network.options["last"] == "int8"
    assert recipe.data.holdout == 0


@pytest.mark.parametrize("optimizer", [{"name": "adamw", "lr": 1}, None])
@pytest.mark.parametrize("data", [FOLDER, {**FOLDER, "labels": {"n01": "tench"}}, None])
def test_plain_data_gives_an_equal_recipe(table: Table, data: Any, optimizer: Any) -> None:
    table["data"] = data or table["data"]
    table["optimizer"] = optimizer or table["optimizer"]
    recipe = parse_recipe(table, source="x")
    assert parse_recipe(recipe_data(recipe), source="x") == recipe


def test_folder_recipe_has_defaults(table: Table) -> None:
    data = parse_recipe({**table, "data": FOLDER}, source="x").data
    assert isinstance(data, FolderRecipe)
    assert (data.scale, data.flip, data.holdout) == ((0.08, 1.0), True, 0)
    assert data.labels == {}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("tench", "[data] labels: expected a table of labels by folder, found 'tench'"),
        ({"n01": 1}, "[data] labels.n01: expected a printable text without spaces around it, f"),
        ({"n01": "a "}, "[data] labels.n01: expected a printable text without spaces around it, f"),
        ({"n01": "a\n"}, "[data] labels.n01: expected a printable text without spaces around it"),
        ({"n\n": "a"}, "[data] labels: expected printable names of folders, found 'n\\n'"),
        ({"n01": ""}, "[data] labels.n01: expected a label that no other folder has, found ''"),
        ({"n1": "a", "n2": "a"}, "labels.n2: expected a label that no other folder has, found 'a'"),
    ],
)
def test_labels_are_texts_of_their_own(table: Table, labels: object, message: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)):
        parse_recipe({**table, "data": {**FOLDER, "labels": labels}}, source="x")


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("network", "name", "vgg", "expected one of vgg_small, resnet20"),
        ("network", "name", None, "[network] name: expected one of vgg_small, resnet20, resnet18"),
        ("network", "width", -1, "resnet20 width: expected a number above 0, found -1"),
        ("network", "depth", 3, "[network] depth: expected no such key, found 3"),
        ("network", "num_classes", 3, "expected no such key, for the data set gives it, found 3"),
        ("data", "kind", "mnist", "[data] kind: expected one of cifar10, folder, found 'mnist'"),
        ("data", "mean", [0.5], "[data] mean: expected a list of 3 numbers, found [0.5]"),
        ("data", "std", [0.2, 0, 0.2], "[data] std: expected a number above 0 and at most 1"),
        ("data", "holdout", 1.5, "[data] holdout: expected an integer in 0..1000000000"),
        ("data", "resize", 40, "[data] resize: expected no such key, found 40"),
        ("optimizer", "lr", "0.1", "[optimizer] lr: expected a number above 0 and at most 100"),
        ("optimizer", "lr", float("nan"), "found nan"),
        ("optimizer", "lr", 10**400, "expected a number above 0 and at most 100, found 1000"),
        ("network", "width", 10**400, "resnet20 width: expected at most 2147483647"),
        ("optimizer", "momentum", 0.0, "[optimizer] nesterov: expected false where momentum is 0"),
        ("optimizer", "name", "adamw", "[optimizer] momentum: expected no such key, found 0.9"),
        ("schedule", "epochs", 0, "[schedule] epochs: expected an integer in 1..1000000, found 0"),
        ("schedule", "epochs", True, "found True"),
        ("schedule", "warmup_epochs", 5, "[schedule] warmup_epochs: expected a number in 0..4"),
        ("schedule", "label_smoothing", 1, "[schedule] label_smoothing: expected a number"),
        ("run", "compile", 1, "[run] compile: expected true or false, found 1"),
        ("run", "precision", "half", "expected one of float32, bfloat16, found 'half'"),
        ("schedule", "kind", "cosin", "found 'cosin'; did you mean cosine?"),
        ("run", "device", "cpu", "[run] device: expected no such key, found 'cpu'"),
    ],
)
def test_an_impossible_entry_is_named(
    table: Table, section: str, key: str, value: object, message: str
) -> None:
    table[section][key] = value
    with pytest.raises(RecipeError, match=re.escape(message)) as caught:
        parse_recipe(table, source="my.toml")
    assert str(caught.value).startswith(f"my.toml: [{section}]")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("section", "key"), [("optimizer", "lr"), ("data", "mean")])
def test_a_missing_entry_is_named(table: Table, section: str, key: str) -> None:
    del table[section][key]
    with pytest.raises(RecipeError, match=rf"\[{section}\] {key}: expected .*, found nothing"):
        parse_recipe(table, source="my.toml")


def test_missing_and_unknown_tables_are_named(table: Table) -> None:
    with pytest.raises(RecipeError, match=r"expected no table \[loss\]"):
        parse_recipe({**table, "loss": {}}, source="x")
    del table["optimizer"]
    with pytest.raises(RecipeError, match=r"expected a table \[optimizer\], found nothing"):
        parse_recipe(table, source="x")


def test_all_missing_tables_are_named_at_once_with_a_recipe_to_start_from() -> None:
    start = SHIPPED / "folder-resnet20.toml"
    message = (
        "mine.toml: expected tables [optimizer], [schedule], and [network] unless fit(network=...) "
        f"gives one, found nothing; a recipe to start from: {start}"
    )
    with pytest.raises(RecipeError, match=f"^{re.escape(message)}$"):
        parse_recipe({"data": FOLDER}, source="mine.toml")
    parse_recipe(load_table(start), source=str(start))


def test_all_missing_keys_are_named_at_once(table: Table) -> None:
    start = f"found nothing; a recipe to start from: {SHIPPED / 'folder-resnet20.toml'}"
    table["data"] = {"kind": "folder", "mean": [0.5] * 3, "input_size": 8}
    table["schedule"]["epoch"] = table["schedule"].pop("epochs")
    del table["schedule"]["batch_size"], table["optimizer"]["lr"]
    keys = "[data] std, [data] resize, [optimizer] lr, [schedule] epochs (found 'epoch')"
    with pytest.raises(RecipeError) as caught:
        parse_recipe(table, source="my.toml")
    assert str(caught.value) == f"my.toml: expected keys {keys}, [schedule] batch_size, {start}"
    del table["optimizer"], table["schedule"]
    with pytest.raises(RecipeError) as caught:
        parse_recipe(table, source="x")
    tables = "tables [optimizer], [schedule]"
    assert str(caught.value) == f"x: expected {tables}, and keys [data] std, [data] resize, {start}"


@pytest.mark.parametrize("data", [FOLDER, {"kind": "cifar10", "mean": [0.5] * 3, "std": [1.0] * 3}])
def test_what_is_reported_as_missing_is_what_has_no_default(
    table: Table, data: dict[str, Any]
) -> None:
    table |= {"data": dict(data), "ema": {"decay": 0.9, "recalibrate": 1}}
    table["distillation"] = {"weight": 0.5, "temperature": 1.0}
    whole = {name: dict(entries) for name, entries in table.items()}
    for name, entries in whole.items():
        required = []
        for key in entries:
            table[name] = {k: value for k, value in entries.items() if k != key}
            try:
                parse_recipe(table, source="x")
            except RecipeError as error:
                if "found nothing" in str(error):
                    required.append(key)
        assert sorted(required) == sorted(required_keys(name, entries)), name
        table[name] = dict(entries)


def load_table(path: Path) -> Table:
    return recipe_data(load_recipe(path))


@pytest.mark.parametrize(
    ("section", "key", "message"),
    [
        ("schedule", "epoch", "[schedule] epoch: expected no such key, found 4; did you mean epo"),
        ("optimizer", "nestrov", "[optimizer] nestrov: expected no such key, found 4; did you me"),
        ("network", "witdh", "[network] witdh: expected no such key, found 4; did you mean width"),
        ("run", "banana", "[run] banana: expected no such key, found 4"),
        ("optimizer", "nam", "[optimizer] nam: expected no such key, found 4; did you mean name?"),
    ],
)
def test_a_misspelt_key_is_named_with_the_one_that_was_meant(
    table: Table, section: str, key: str, message: str
) -> None:
    table[section].pop(f"{key}s", None)
    table[section][key] = 4
    with pytest.raises(RecipeError, match=re.escape(message)):
        parse_recipe(table, source="my.toml")


def test_misspelt_names_of_tables_and_recipes_too(table: Table) -> None:
    with pytest.raises(RecipeError, match=r"expected no table \[optimiser\].*mean optimizer\?$"):
        parse_recipe({**table, "optimiser": {}}, source="x")
    with pytest.raises(RecipeError, match=r"a shipped recipe, found .* mean folder-resnet20\?$"):
        load_recipe("folder-resnet2")


def test_an_unknown_recipe_is_answered_with_a_few_names() -> None:
    count = len(shipped_recipes()) - 4
    with pytest.raises(RecipeError) as caught:
        load_recipe("nothing")
    assert str(caught.value) == (
        "recipe: expected a file or one of folder, folder-resnet18, folder-resnet20, "
        f"cifar10-resnet20 and {count} more, which docs/training.md describes, "
        "found neither at 'nothing'"
    )


def test_overrides_may_be_integers_of_numpy() -> None:
    recipe = load_recipe("folder-resnet20")
    found = with_overrides(recipe, epochs=np.int64(3), seed=np.int32(5))  # type: ignore[arg-type]
    assert found == with_overrides(recipe, epochs=3, seed=5)


def test_a_share_of_the_images_may_be_held_out(table: Table) -> None:
    table["data"]["holdout"] = 0.1
    recipe = parse_recipe(table, source="x")
    assert recipe.data.holdout == 0.1
    assert parse_recipe(recipe_data(recipe), source="x") == recipe
    assert with_overrides(recipe, holdout=500.0).data.holdout == 500
    assert with_overrides(recipe, holdout=0.25).data.holdout == 0.25
    for bad in (1.0, -0.1, 1.5, float("nan"), True):
        table["data"]["holdout"] = bad
        with pytest.raises(RecipeError, match=r"holdout: expected an integer in 0..1000000000 or"):
            parse_recipe(table, source="x")


def test_what_has_defaults_alone_may_be_left_out(table: Table) -> None:
    without = {name: entries for name, entries in table.items() if name != "run"}
    assert parse_recipe(without, source="x") == parse_recipe({**table, "run": {}}, source="x")


def test_a_scale_the_wrong_way_round_is_refused(table: Table) -> None:
    with pytest.raises(RecipeError, match="the smaller number first"):
        parse_recipe({**table, "data": {**FOLDER, "scale": [1, 0.5]}}, source="x")


def test_files_are_found_or_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"expected a file or one of .*cifar10-resnet20"):
        load_recipe(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("[network\n")
    with pytest.raises(RecipeError, match=r"bad\.toml: expected a TOML file"):
        load_recipe(bad)
    bad.write_bytes(b"\xff\xfe")
    with pytest.raises(RecipeError, match="expected a TOML file"):
        load_recipe(bad)


def test_overrides_keep_the_share_of_the_warm_up(table: Table) -> None:
    recipe = parse_recipe(table, source="x")
    changed = with_overrides(recipe, epochs=8, seed=11)
    assert (changed.schedule.epochs, changed.schedule.warmup_epochs) == (8, 2.0)
    assert changed.run.seed == 11
    assert with_overrides(recipe, epochs=None, seed=None) == recipe
    assert with_overrides(recipe, epochs=None, seed=None, holdout=9).data.holdout == 9
    with pytest.raises(RecipeError, match=r"epochs: expected an integer in 1\.\.1000000, found 0"):
        with_overrides(recipe, epochs=0, seed=None)
    with pytest.raises(RecipeError, match=r"epochs: expected an integer in 1\.\.1000000, found 99"):
        with_overrides(recipe, epochs=int("9" * 400), seed=None)
