"""Checkpoints: whole or not at all, and a clear error for each kind of damage."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from edgebin.cli.export import export
from edgebin.errors import CheckpointError
from edgebin.train.checkpoint.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from edgebin.train.checkpoint.network import load_network
from edgebin.train.data.source import DataSet
from edgebin.train.recipe.recipe import Recipe, parse_recipe
from edgebin.train.state import State, as_checkpoint, fresh_state, resumed_state

CPU = torch.device("cpu")


@pytest.fixture
def saved(tmp_path: Path, recipe: Recipe, data: DataSet) -> tuple[Path, Checkpoint]:
    checkpoint = as_checkpoint(fresh_state(recipe, data, device=CPU), recipe, data)
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, checkpoint)
    return path, checkpoint


def test_what_is_saved_comes_back(saved: tuple[Path, Checkpoint]) -> None:
    path, before = saved
    after = load_checkpoint(path)
    for field in dataclasses.fields(Checkpoint):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.name == "model":
            assert old.keys() == new.keys()
            assert all(torch.equal(old[key], new[key]) for key in old)
        elif isinstance(old, torch.Tensor):
            assert torch.equal(old, new)
        else:
            assert old == new, field.name


@pytest.mark.parametrize(
    "prefix",
    [
        pytest.param("module.", marks=pytest.mark.slow),
        pytest.param("_orig_mod.", marks=pytest.mark.slow),
        "module._orig_mod.",
    ],
)
def test_names_as_wrappers_have_them_load_export_and_resume_as_without(
    prefix: str,
    saved: tuple[Path, Checkpoint],
    recipe: Recipe,
    data: DataSet,
    tmp_path: Path,
) -> None:
    path, plain = saved
    wrapped = tmp_path / "wrapped.pt"
    model = {f"{prefix}{name}": value for name, value in plain.model.items()}
    save_checkpoint(wrapped, dataclasses.replace(plain, model=model, raw=model))
    found = load_checkpoint(wrapped)
    assert found.raw is not None
    assert found.model.keys() == found.raw.keys() == plain.model.keys()
    assert all(torch.equal(value, plain.model[name]) for name, value in found.model.items())
    files = [tmp_path / "wrapped.ebn", tmp_path / "plain.ebn"]
    for source, file in zip((wrapped, path), files, strict=True):
        export(file, source, name="same", self_test=False)
    assert files[0].read_bytes() == files[1].read_bytes()
    state = resumed_state(recipe, data, wrapped, device=CPU)
    weights = state.network.state_dict()
    assert all(torch.equal(weights[name], value) for name, value in plain.model.items())
    begun = fresh_state(recipe, data, device=CPU, init=wrapped).network.state_dict()
    assert all(torch.equal(begun[name], value) for name, value in plain.model.items())


def test_a_network_comes_back_in_eval_mode_with_its_labels(
    saved: tuple[Path, Checkpoint], recipe: Recipe, data: DataSet
) -> None:
    network, checkpoint = load_network(saved[0])
    assert not network.training
    assert checkpoint.classes == ("red", "green", "blue")
    assert checkpoint.preprocessing == data.preprocessing
    assert checkpoint.options["num_classes"] == 3
    x = torch.randn(2, 3, 8, 8)
    original = fresh_state(recipe, data, device=CPU).network.eval()
    # Layouts sum in different orders, and without training many sums lie at the threshold 0.
    original.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    assert torch.equal(network(x), original(x))


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    saved: tuple[Path, Checkpoint], monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path, checkpoint = saved
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt: cannot write .*: disk full"):
        save_checkpoint(path, dataclasses.replace(checkpoint, epoch=9))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_file_is_damaged(saved: tuple[Path, Checkpoint], share: float) -> None:
    path = saved[0]
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt: damaged"):
        load_checkpoint(path)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_flipped_bit_in_the_weights_is_damage(
    saved: tuple[Path, Checkpoint], share: float
) -> None:
    path, checkpoint = saved
    raw = bytearray(path.read_bytes())
    largest = max(checkpoint.model.values(), key=lambda value: value.numel())
    weights = largest.permute(0, 2, 3, 1).contiguous().numpy().tobytes()
    place = bytes(raw).index(weights)
    raw[place + int(share * len(weights))] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(CheckpointError, match=r"damaged: the checksum of"):
        load_checkpoint(path)


def test_a_path_may_be_a_text(saved: tuple[Path, Checkpoint]) -> None:
    path, checkpoint = saved
    assert load_checkpoint(str(path)).step == checkpoint.step
    assert load_network(str(path))[1].step == checkpoint.step
    with pytest.raises(CheckpointError, match=r"^none\.pt: expected a checkpoint, found no such"):
        load_network("none.pt")


def test_a_missing_file_and_other_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="expected a checkpoint, found no such file"):
        load_checkpoint(tmp_path / "none.pt")
    other = tmp_path / "other.pt"
    torch.save({"model": {}}, other)
    with pytest.raises(CheckpointError, match="expected an edgebin checkpoint"):
        load_checkpoint(other)


class Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("exit 1",)


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pt"
    torch.save({"format": "edgebin-checkpoint", "payload": Hostile()}, path)
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 99}, "expected checkpoint version 1, found 99"),
        ({"epoch": None}, "expected an entry 'epoch', found none"),
        ({"preprocessing": {"mean": []}}, "damaged entry"),
        ({"network": "lenet"}, "expected one of vgg_small"),
        ({"options": {"width": 0.3}}, "the weights do not fit resnet20"),
        ({"options": 7}, "damaged entry"),
        ({"model": {}}, "the weights do not fit resnet20"),
        ({"model": 7}, "damaged entry"),
    ],
)
def test_entries_that_do_not_fit_are_named(
    saved: tuple[Path, Checkpoint], change: dict[str, Any], message: str
) -> None:
    path = saved[0]
    content = torch.load(path, weights_only=True)
    content.update(change)
    for key in [key for key, value in content.items() if value is None]:
        del content[key]
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=message):
        load_network(path)


def rewrite(path: Path, change: dict[str, Any]) -> None:
    content = torch.load(path, weights_only=True)
    for key, value in change.items():
        place, _, inner = key.partition(".")
        if inner:
            content[place][inner] = value
        else:
            content[place] = value
    torch.save(content, path)


def nested() -> torch.Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch calls them a prototype
        return torch.nested.nested_tensor([TENSOR])


TENSOR = torch.zeros(2)

WRONG = [
    ("format", TENSOR, "expected an edgebin checkpoint, found another file"),
    ("version", torch.ones(2), "expected checkpoint version 1, found Tensor"),
    ("version", True, "expected checkpoint version 1, found True"),
    ("network", 3, "damaged entry network: expected a string, found 3"),
    ("network", TENSOR, "damaged entry network: expected a string, found Tensor"),
    ("options", {3: 4}, "damaged entry options: expected printable names, found 3"),
    ("options", {"width": TENSOR}, "damaged entry options.width: expected a bool, .*found Tensor"),
    ("options", {"width": 10**300}, "damaged entry options.width: .*found an integer of"),
    ("options", {"width": float("nan")}, "damaged entry options.width: .*found nan"),
    ("options", {"num_classes": 2**31 - 1}, "the weights do not fit resnet20: head.bias: expected"),
    ("options", {"num_classes": 2**62}, "resnet20 num_classes: expected at most 2147483647"),
    ("classes", "abc", "damaged entry classes: expected a list of strings, found 'abc'"),
    ("classes", ["a", 3], "damaged entry classes: expected a list of strings, found list"),
    ("classes", None, "damaged entry classes: expected a list of strings, found None"),
    ("preprocessing", 3, "damaged entry preprocessing: expected a table, found 3"),
    ("preprocessing", {}, "damaged entry preprocessing.mean: .*found None"),
    ("preprocessing.mean", ["a", "b", "c"], "preprocessing.mean: expected 3 finite numbers, found"),
    ("preprocessing.mean", "abc", "preprocessing.mean: expected 3 finite numbers, found 'abc'"),
    ("preprocessing.mean", [0.5], "preprocessing.mean: expected 3 finite numbers, found"),
    ("preprocessing.mean", [0.5, 0.5, float("nan")], "preprocessing.mean: expected 3 finite"),
    ("preprocessing.mean", [0.5, 0.5, 1e300], "preprocessing.mean: expected 3 finite"),
    ("preprocessing.mean", [0.5, 0.5, 10**400], "preprocessing.mean: expected 3 finite"),
    ("preprocessing.mean", [0.5, 0.5, True], "preprocessing.mean: expected 3 finite"),
    ("preprocessing.std", [0.5, 0.5], "preprocessing.std: expected 3 finite numbers above 0"),
    ("preprocessing.std", [0.5, 0.5, 0.0], "preprocessing.std: expected 3 finite numbers above 0"),
    ("preprocessing.std", [0.5, 0.5, 1e-300], "preprocessing.std: expected 3 finite numbers above"),
    ("preprocessing.std", [0.5, 0.5, float("inf")], "preprocessing.std: expected 3 finite numbers"),
    ("preprocessing.input_size", "x", r"input_size: expected an integer in 1\.\.8192, found 'x'"),
    ("preprocessing.input_size", -1, r"input_size: expected an integer in 1\.\.8192, found -1"),
    ("preprocessing.input_size", True, "input_size: expected an integer .*found True"),
    ("preprocessing.input_size", 8.0, "input_size: expected an integer .*found 8.0"),
    ("preprocessing.input_size", 8193, "input_size: expected an integer .*found 8193"),
    ("preprocessing.resize", 7, r"resize: expected an integer in 8\.\.8192, found 7"),
    ("preprocessing.resize", None, "resize: expected an integer .*found None"),
    ("recipe", 3, "damaged entry recipe: expected a table, found 3"),
    ("recipe", {"a": 3}, "damaged entry recipe.a: expected a table, found 3"),
    ("recipe", {"run": {}}, "damaged entry recipe: expected a table network, found none"),
    ("recipe", {3: {}}, "damaged entry recipe: expected printable names, found 3"),
    ("recipe", {"a\nb": {}}, r"damaged entry recipe: expected printable names, found 'a\\nb'"),
    ("recipe", {"a": {3: 4}}, "damaged entry recipe.a: expected printable names, found 3"),
    ("recipe", {"a": {"b": TENSOR}}, "damaged entry recipe.a.b: expected .*found Tensor"),
    ("recipe", {"a": {"b": [[]]}}, "damaged entry recipe.a.b: expected .*found list"),
    ("recipe", {"a": {"b": {"c": 3}}}, "damaged entry recipe.a.b: expected .*found dict"),
    ("epoch", "x", "damaged entry epoch: expected an integer of at least 0, found 'x'"),
    ("epoch", -5, "damaged entry epoch: expected an integer of at least 0, found -5"),
    ("epoch", 2**70, "damaged entry epoch: expected an integer .*, found an integer of 71 bits"),
    ("step", True, "damaged entry step: expected an integer of at least 0, found True"),
    ("step", 1.0, "damaged entry step: expected an integer of at least 0, found 1.0"),
    ("step", "x" * 1000, "damaged entry step: expected an integer of at least 0, found 'x{1,99}"),
    ("model", {3: TENSOR}, "damaged entry model: expected printable names, found 3"),
    ("model", {"a": 3}, "damaged entry model.a: expected a tensor, found 3"),
    ("model", {"a": TENSOR.to_sparse()}, "damaged entry model.a: expected a tensor, found"),
    ("model", {"a": TENSOR / 0}, "damaged entry model.a: expected finite numbers, found nan"),
    ("model", {"a": TENSOR.to(torch.float8_e4m3fn)}, "damaged entry model.a: expected finite num"),
    ("model", {"a": nested()}, "damaged entry model.a: expected a ten"),
    ("optimizer", [], "damaged entry optimizer: expected a table, found list"),
    ("data_rng", TENSOR, "damaged entry data_rng: expected a vector of bytes, found Tensor"),
    ("data_rng", 3, "damaged entry data_rng: expected a vector of bytes, found 3"),
    ("teacher", "x", "damaged entry teacher: expected 64 hexadecimal digits, found 'x'"),
    ("raw", 3, "damaged entry raw: expected a table, found 3"),
    ("raw", {"a": 3}, "damaged entry raw.a: expected a tensor, found 3"),
    ("torch_rng", TENSOR.byte()[None], "damaged entry torch_rng: expected a vector of bytes"),
]


@pytest.mark.parametrize(("entry", "value", "message"), WRONG)
def test_an_entry_of_another_type_or_range_is_one_line(
    saved: tuple[Path, Checkpoint], entry: str, value: object, message: str
) -> None:
    path = saved[0]
    rewrite(path, {entry: value})
    with pytest.raises(CheckpointError, match=rf"checkpoint\.pt: .*{message}") as caught:
        load_network(path)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < len(str(path)) + 250


@pytest.mark.parametrize("error", [AttributeError, AssertionError, OverflowError, MemoryError])
def test_whatever_reading_raises_is_damage(
    saved: tuple[Path, Checkpoint], monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error("odd\nstory")

    monkeypatch.setattr(torch, "load", fail)
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt: damaged: odd$"):
        load_checkpoint(saved[0])


def stepped(recipe: Recipe, data: DataSet) -> State:
    state = fresh_state(recipe, data, device=CPU)
    for parameter in state.network.parameters():
        parameter.grad = torch.full_like(parameter, 0.5)
    state.optimizer.step()
    return state


@pytest.fixture(params=["sgd", "adamw"])
def run(
    request: pytest.FixtureRequest, tmp_path: Path, table: dict[str, dict[str, Any]], data: DataSet
) -> tuple[Path, Recipe]:
    if request.param == "adamw":
        table["optimizer"] = {"name": "adamw", "lr": 0.01, "decay_all": False}
    recipe = parse_recipe(table, source="tiny.toml")
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, as_checkpoint(stepped(recipe, data), recipe, data))
    return path, recipe


def test_a_whole_optimizer_state_comes_back(run: tuple[Path, Recipe], data: DataSet) -> None:
    path, recipe = run
    state = resumed_state(recipe, data, path, device=CPU)
    before, after = stepped(recipe, data).optimizer.state_dict(), state.optimizer.state_dict()
    assert before["param_groups"] == after["param_groups"]
    assert before["state"].keys() == after["state"].keys()
    for index, entries in before["state"].items():
        assert entries.keys() == after["state"][index].keys()
        for name, value in entries.items():
            assert torch.equal(value, after["state"][index][name])
            assert value.stride() == after["state"][index][name].stride()


def swapped(state: dict[int, Any], value: object) -> dict[int, Any]:
    first = {**state[0], min(state[0]): value}
    return {**state, 0: first}


def shaped(state: dict[int, Any], **extra: object) -> dict[int, Any]:
    return {**state, 0: {**state[0], **extra}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda o: {}, "optimizer.param_groups: expected .*, found None"),
        (lambda o: {**o, "state": None}, "optimizer.state: expected a table, found None"),
        (lambda o: {**o, "state": 3}, "optimizer.state: expected a table, found 3"),
        (lambda o: {**o, "state": {0: 3}}, "optimizer.state.0: expected a table, found 3"),
        (lambda o: {**o, "state": {"a": {}}}, "optimizer.state: expected numbers of .*found 'a'"),
        (
            lambda o: {**o, "state": {10**6: {}}},
            "optimizer.state: expected numbers of .*found 1000",
        ),
        (lambda o: {**o, "state": {True: {}}}, "optimizer.state: expected numbers of .*found True"),
        (lambda o: {**o, "state": shaped(o["state"], more=TENSOR)}, "state.0: expected .*, found"),
        (
            lambda o: {**o, "state": shaped(o["state"], **{"a\nb": 3})},
            "state.0: expected .*, found",
        ),
        (
            lambda o: {**o, "state": swapped(o["state"], 3)},
            "state.0.*: expected a .*tensor.*found 3",
        ),
        (lambda o: {**o, "state": swapped(o["state"], TENSOR)}, "state.0.*: .*, found Tensor"),
        (lambda o: {**o, "param_groups": 3}, "optimizer.param_groups: expected .*, found 3"),
        (lambda o: {**o, "param_groups": []}, "optimizer.param_groups: expected .*, found list"),
        (lambda o: {**o, "param_groups": [3]}, "optimizer.param_groups: expected .*, found list"),
        (
            lambda o: {**o, "param_groups": [{"params": [TENSOR]}] * len(o["param_groups"])},
            "optimizer.param_groups: expected .*, found list",
        ),
    ],
)
def test_a_malformed_optimizer_state_is_one_line(
    run: tuple[Path, Recipe],
    data: DataSet,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    message: str,
) -> None:
    path, recipe = run
    rewrite(path, {"optimizer": change(torch.load(path, weights_only=True)["optimizer"])})
    with pytest.raises(
        CheckpointError, match=rf"checkpoint\.pt: damaged entry .*{message}"
    ) as caught:
        resumed_state(recipe, data, path, device=CPU)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("step", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("run", ["adamw"], indirect=True)
def test_an_impossible_step_of_adamw_is_refused(
    run: tuple[Path, Recipe], data: DataSet, step: float
) -> None:
    path, recipe = run
    optimizer = torch.load(path, weights_only=True)["optimizer"]
    state = shaped(optimizer["state"], step=torch.tensor(step))
    rewrite(path, {"optimizer": {**optimizer, "state": state}})
    with pytest.raises(CheckpointError, match=r"state\.0\.step: expected a step of at least 0"):
        resumed_state(recipe, data, path, device=CPU)


def test_settings_of_the_optimizer_come_from_the_recipe(
    run: tuple[Path, Recipe], data: DataSet
) -> None:
    path, recipe = run
    optimizer = torch.load(path, weights_only=True)["optimizer"]
    groups = [
        {"params": group["params"], "weight_decay": "x"} for group in optimizer["param_groups"]
    ]
    rewrite(path, {"optimizer": {**optimizer, "param_groups": groups}})
    state = resumed_state(recipe, data, path, device=CPU)
    fresh = fresh_state(recipe, data, device=CPU)
    assert (
        state.optimizer.state_dict()["param_groups"]
        == (fresh.optimizer.state_dict()["param_groups"])
    )


@pytest.mark.parametrize("name", ["data_rng", "torch_rng"])
def test_a_generator_state_of_another_size_is_one_line(
    run: tuple[Path, Recipe], data: DataSet, name: str
) -> None:
    path, recipe = run
    rewrite(path, {name: torch.zeros(7, dtype=torch.uint8)})
    with pytest.raises(CheckpointError, match=rf"damaged entry {name}: expected .*, found Tensor"):
        resumed_state(recipe, data, path, device=CPU)
