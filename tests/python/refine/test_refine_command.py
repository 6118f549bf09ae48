"""`edgebin refine`: a whole run on generated images, and one line for each mistake."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from edgebin.cli.export import export
from edgebin.cli.refine import refine
from edgebin.cli.train import train
from edgebin.errors import CheckpointError, DataError, OptionError
from edgebin.nn.binary import BinaryLinear
from edgebin.nn.weights import binary_weight
from edgebin.refine import RefineOptions, refine_checkpoint, run
from edgebin.train.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from edgebin.train.checkpoint.network import load_network
from edgebin.train.log import log
from processes.command_line import edgebin
from training.tiny_training import folder_recipe


def recipe_of(weights: str) -> str:
    options = ("width = 0.03", 'last = "int8"', "affine = true", f'weights = "{weights}"')
    return folder_recipe(*options)


def trained(images: Path, home: Path, weights: str) -> Path:
    recipe = home / f"{weights}.toml"
    recipe.write_text(recipe_of(weights))
    train(str(recipe), data=images, out=home / weights, threads=1)
    return home / weights / "checkpoint.pt"


@pytest.fixture
def options(images: Path, tmp_path: Path) -> dict[str, Any]:
    return {
        "checkpoint": trained(images, tmp_path, "binary"),
        "data": images,
        "out": tmp_path / "out",
        "images": 7,
        "holdout": 5,
        "threads": 1,
    }


def test_it_writes_a_checkpoint_to_export_and_a_log(
    options: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refine(**options, rounds=2)
    out, err = capsys.readouterr()
    path = Path(out.splitlines()[-1])
    assert path == options["out"] / "checkpoint.pt"
    assert "layer2.conv: " in err
    assert "before: loss " in err
    lines = [json.loads(line) for line in (options["out"] / "log.jsonl").read_text().splitlines()]
    events = [line["event"] for line in lines]
    assert events == ["header"] + ["layer"] * 10 + ["head", "end"]
    assert lines[-1]["after"]["loss"] <= lines[-1]["before"]["loss"]
    assert lines[0]["options"]["rounds"] == 2
    assert load_network(path)[1].optimizer["state"] == {}
    digest = hashlib.sha256(options["checkpoint"].read_bytes()).hexdigest()
    assert lines[0]["refines"] == {"path": str(options["checkpoint"]), "sha256": digest}
    assert lines[0]["teacher"] is None
    assert not (options["out"] / "unfinished.pt").exists()
    export(tmp_path / "refined.ebn", path)
    assert (tmp_path / "refined.ebn").stat().st_size > 0


def test_real_weights_become_binary(options: dict[str, Any], images: Path) -> None:
    real = trained(images, options["out"].parent, "float32")
    refine(**{**options, "checkpoint": real})
    network, checkpoint = load_network(options["out"] / "checkpoint.pt")
    assert checkpoint.options["weights"] == "binary"
    weight = network.get_submodule("layer3.conv").weight
    assert isinstance(weight, torch.Tensor)
    was = load_network(real)[0].get_parameter("layer3.conv.weight")
    proportions = (weight.abs() / binary_weight(weight).abs()).flatten(1)
    assert torch.allclose(
        proportions, (was.abs() / was.abs().mean((1, 2, 3), keepdim=True)).flatten(1), rtol=0.05
    )
    assert not torch.equal(weight >= 0, was >= 0)
    lines = [json.loads(line) for line in (options["out"] / "log.jsonl").read_text().splitlines()]
    layers = [line for line in lines if line["event"] == "layer"]
    assert len(layers) == 5
    assert all(line["kept"] for line in layers)


def test_the_last_layer_of_a_real_network_becomes_binary_where_asked(
    options: dict[str, Any], images: Path, tmp_path: Path
) -> None:
    real = trained(images, options["out"].parent, "float32")
    refine(**{**options, "checkpoint": real}, last="binary")
    network, checkpoint = load_network(options["out"] / "checkpoint.pt")
    assert isinstance(network.get_submodule("head"), BinaryLinear)
    assert checkpoint.recipe["network"]["last"] == checkpoint.options["last"] == "binary"
    log = (options["out"] / "log.jsonl").read_text().splitlines()
    lines = [json.loads(line) for line in log]
    assert [line["layer"] for line in lines if line["event"] == "layer"][-1] == "head"
    assert lines[0]["options"]["last"] == "binary"
    out = {**options, "out": tmp_path / "again"}
    with pytest.raises(
        OptionError, match=r"checkpoint\.pt: expected float weights for refine last"
    ):
        refine(**{**out, "checkpoint": options["out"] / "checkpoint.pt"}, last="int8")
    with pytest.raises(OptionError, match="last: expected float32, int8, binary, found 'x'"):
        refine(**{**out, "checkpoint": real}, last="x")
    assert not out["out"].exists()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"method": "x"},
            OptionError,
            "refine method: expected ascend, bwnh, found 'x'",
        ),
        ({"threads": 0}, OptionError, "--threads: expected at least 1, found 0"),
        ({"device": "tpu"}, OptionError, "--device: expected cpu or cuda, found 'tpu'"),
        (
            {"images": 8},
            DataError,
            "expected at least 13, of them 8 (images) to measure on and 5 (holdout) to judge by",
        ),
        ({"checkpoint": Path("none.pt")}, CheckpointError, "none.pt: expected a checkpoint, found"),
        ({"teacher": Path("none.pt")}, CheckpointError, "none.pt: expected a checkpoint, found"),
        ({"data": Path("nowhere")}, DataError, "nowhere"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(
    options: dict[str, Any], change: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        refine(**{**options, **change})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not options["out"].exists()


def _changed(path: Path, home: Path, **changes: object) -> Path:
    home.mkdir()
    checkpoint = dataclasses.replace(load_checkpoint(path), **changes)  # type: ignore[arg-type]
    save_checkpoint(home / "checkpoint.pt", checkpoint)
    return home / "checkpoint.pt"


def test_networks_and_teachers_that_do_not_fit_are_named(
    options: dict[str, Any], images: Path, tmp_path: Path
) -> None:
    def message(error: type[Exception], **changes: object) -> str:
        with pytest.raises(error) as caught:
            refine(**{**options, **changes})
        assert not options["out"].exists()
        return str(caught.value)

    path = options["checkpoint"]
    here = load_checkpoint(path)
    darker = dataclasses.replace(here.preprocessing, mean=(0.1,) * 3)
    other = _changed(path, tmp_path / "darker", preprocessing=darker)
    assert "darker/checkpoint.pt: teacher: expected mean" in message(CheckpointError, teacher=other)
    other = _changed(path, tmp_path / "named", classes=("x", "y"))
    assert "expected a teacher of the 2 classes" in message(CheckpointError, teacher=other)
    for net, width, expected in (
        ("vgg_small", 0.02, "weights of shape"),
        ("resnet20", 0.15, "a layer layer2.conv as in the network, found none"),
    ):
        recipe = tmp_path / f"{net}.toml"
        text = recipe_of("binary").replace("0.03", str(width))
        recipe.write_text(text.replace("vgg_small", net))
        train(str(recipe), data=images, out=tmp_path / net, threads=1)
        found = message(OptionError, teacher=tmp_path / net / "checkpoint.pt")
        assert f"teacher: expected {expected}" in found
    nearest = {**here.options, "thresholds": "nearest"}
    other = _changed(path, tmp_path / "nearest", options=nearest)
    assert "teacher: expected the thresholds 'half-wave' in" in message(OptionError, teacher=other)
    packed = {
        name: binary_weight(value) if name.endswith("conv.weight") else value
        for name, value in here.model.items()
    }
    other = _changed(path, tmp_path / "packed", model=packed)
    assert "signs and scales alone, found none" in message(OptionError, checkpoint=other)
    broken = {**here.model, "head.weight": torch.full_like(here.model["head.weight"], 3e38)}
    other = _changed(path, tmp_path / "broken", model=broken)
    assert "checkpoint.pt: expected a finite loss, found nan" in message(
        CheckpointError, checkpoint=other
    )


def test_another_target_stands_in_the_log(options: dict[str, Any], images: Path) -> None:
    real = trained(images, options["out"].parent, "float32")
    refine(**{**options, "checkpoint": real, "target": "layer"})
    header = json.loads((options["out"] / "log.jsonl").read_text().splitlines()[0])
    assert header["options"]["target"] == "layer"


def test_an_interrupted_update_goes_on(
    options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {**options, "out": tmp_path / "whole"}
    refine(**whole)

    def stop(line: str, _console: object) -> None:
        if line.startswith("layer3.conv: "):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "print_line", stop)
        with pytest.raises(KeyboardInterrupt):
            refine(**options)
    out = options["out"]
    assert sorted(path.name for path in out.iterdir()) == ["log.jsonl", "unfinished.pt"]
    with pytest.raises(CheckpointError, match=r"unfinished\.pt: expected no earlier run.*--resume"):
        refine(**options)
    with pytest.raises(CheckpointError, match=r"expected a refine run with options .*'images': 6"):
        refine(**{**options, "images": 6}, resume=True)
    other = _changed(options["checkpoint"], tmp_path / "other", epoch=9)
    with pytest.raises(CheckpointError, match=r"log\.jsonl: expected a refine run with refines"):
        refine(**{**options, "checkpoint": other}, resume=True)
    with pytest.raises(CheckpointError, match=r"none/unfinished\.pt: expected a checkpoint, found"):
        refine(**{**options, "out": tmp_path / "none"}, resume=True)
    kept = load_checkpoint(out / "unfinished.pt")
    less = {name: value for name, value in kept.model.items() if name != "head.weight"}
    for change, message in (
        ({"step": 6}, "damaged entry step: expected at most 5, the layers, found 6"),
        ({"data_rng": kept.data_rng[:3]}, "damaged entry data_rng: expected the state of a gen"),
        ({"model": less}, "the weights do not fit vgg_small: head.weight: .*found none"),
    ):
        save_checkpoint(out / "unfinished.pt", dataclasses.replace(kept, **change))
        with pytest.raises(CheckpointError, match=message):
            refine(**options, resume=True)
    save_checkpoint(out / "unfinished.pt", kept)

    # A crash may leave the log a layer ahead.
    log.append(out / "log.jsonl", "layer", {"number": 4})
    refine(**options, resume=True)
    assert sorted(path.name for path in out.iterdir()) == ["checkpoint.pt", "log.jsonl"]
    ours, theirs = (load_checkpoint(at / "checkpoint.pt") for at in (whole["out"], out))
    for name, value in ours.model.items():
        assert torch.equal(value, theirs.model[name]), name
    assert (ours.step, ours.epoch) == (theirs.step, theirs.epoch)
    assert torch.equal(ours.data_rng, theirs.data_rng)

    def course(at: Path) -> list[dict[str, Any]]:
        entries = [json.loads(line) for line in (at / "log.jsonl").read_text().splitlines()]
        return [{**entry, "seconds": 0} for entry in entries[1:] if entry["event"] != "resume"]

    assert course(whole["out"]) == course(out)


@pytest.mark.parametrize("event", ["head", "end"])
def test_an_update_that_was_killed_near_its_end_is_ended(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    """Behind the line of the last layer, or the checkpoint's and the end's."""
    append = log.append

    def stop(path: Path, what: str, entry: Any) -> None:
        append(path, what, entry)
        if what == event:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(log, "append", stop)
        with pytest.raises(KeyboardInterrupt):
            refine(**options)
    out = options["out"]
    assert (out / "checkpoint.pt").exists() is (event == "end")
    refine(**options, resume=True)
    assert sorted(path.name for path in out.iterdir()) == ["checkpoint.pt", "log.jsonl"]
    events = [json.loads(line)["event"] for line in (out / "log.jsonl").read_text().splitlines()]
    assert events == ["header"] + ["layer"] * 5 + ["resume", "head", "end"]


@pytest.mark.parametrize("first", ["", "no JSON", '{"event": "layer"}'])
def test_a_log_without_a_header_is_one_line(tmp_path: Path, first: str) -> None:
    (tmp_path / "log.jsonl").write_text(first + "\n")
    with pytest.raises(CheckpointError, match=r"log\.jsonl: expected a header in the first line"):
        log.header_of(tmp_path / "log.jsonl")


def test_another_run_is_not_written_over(options: dict[str, Any]) -> None:
    refine(**options)
    with pytest.raises(CheckpointError, match=r"expected no earlier run, found one"):
        refine(**options)


def test_the_old_name_of_an_option_works_and_warns(
    options: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    images = options.pop("images")
    words = [f"--{name}={value}" for name, value in options.items() if name != "checkpoint"]
    arguments = ["refine", options["checkpoint"], *words, f"--pictures={images}"]
    capsys.readouterr()
    assert edgebin(*arguments) == 0
    err = capsys.readouterr().err
    assert err.startswith("edgebin: warning: --pictures is deprecated, use --images\n")
    assert edgebin("refine", "--help") == 0
    assert "--pictures" not in capsys.readouterr().out


def test_from_python_strings_are_enough_and_give_the_same_bits(
    options: dict[str, Any], tmp_path: Path
) -> None:
    refine(**options)
    given = {name: str(options[name]) for name in ("checkpoint", "data")}
    result = refine_checkpoint(
        given["checkpoint"],
        given["data"],
        str(tmp_path / "again"),
        RefineOptions(images=7, holdout=5),
        device="cpu",
    )
    assert result.checkpoint == tmp_path / "again" / "checkpoint.pt"
    expected = load_checkpoint(options["out"] / "checkpoint.pt").model
    for name, value in load_checkpoint(result.checkpoint).model.items():
        assert torch.equal(value, expected[name])
