"""`edgebin refine`: a whole run on generated pictures, and one line for each mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from edgebin.cli.export import export
from edgebin.cli.refine import refine
from edgebin.cli.train import train
from edgebin.errors import CheckpointError, DataError, OptionError
from edgebin.nn.weights import binary_weight
from edgebin.train.checkpoint import load_network

RECIPE = """
[network]
name = "vgg_small"
width = 0.03
last = "int8"
affine = true
weights = "{weights}"
[data]
kind = "folder"
mean = [0.5, 0.5, 0.5]
std = [0.25, 0.25, 0.25]
input_size = 8
resize = 10
[optimizer]
name = "sgd"
lr = 0.05
[schedule]
epochs = 1
batch_size = 4
kind = "linear"
[run]
"""


def trained(pictures: Path, home: Path, weights: str) -> Path:
    recipe = home / f"{weights}.toml"
    recipe.write_text(RECIPE.format(weights=weights))
    train(str(recipe), data=pictures, out=home / weights, threads=1)
    return home / weights / "checkpoint.pt"


@pytest.fixture
def options(pictures: Path, tmp_path: Path) -> dict[str, Any]:
    return {
        "checkpoint": trained(pictures, tmp_path, "binary"),
        "data": pictures,
        "out": tmp_path / "out",
        "pictures": 7,
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
    assert lines[0]["refines"] == str(options["checkpoint"])
    export(tmp_path / "refined.ebn", path)
    assert (tmp_path / "refined.ebn").stat().st_size > 0


def test_real_weights_become_binary(options: dict[str, Any], pictures: Path) -> None:
    real = trained(pictures, options["out"].parent, "float32")
    refine(**{**options, "checkpoint": real})
    network, checkpoint = load_network(options["out"] / "checkpoint.pt")
    assert checkpoint.options["weights"] == "binary"
    weight = network.get_submodule("layer3.conv").weight
    assert isinstance(weight, torch.Tensor)
    assert torch.allclose(weight, binary_weight(weight), rtol=1e-5)
    lines = [json.loads(line) for line in (options["out"] / "log.jsonl").read_text().splitlines()]
    layers = [line for line in lines if line["event"] == "layer"]
    assert len(layers) == 5
    assert all(line["kept"] for line in layers)


def test_a_refined_network_can_be_trained_on_with_its_signs_held(
    options: dict[str, Any], tmp_path: Path, pictures: Path
) -> None:
    refine(**options)
    text = RECIPE.format(weights="binary").replace("lr = 0.05", "lr = 0.05\nsigns = false")
    recipe = tmp_path / "polish.toml"
    recipe.write_text(text)
    begin = options["out"] / "checkpoint.pt"
    train(str(recipe), data=pictures, out=tmp_path / "polished", init=begin, threads=1)
    before, after = load_network(begin)[0], load_network(tmp_path / "polished/checkpoint.pt")[0]
    for name, value in after.state_dict().items():
        same = torch.equal(value, before.state_dict()[name])
        if name.endswith("conv.weight"):
            assert same is not name.startswith("stem"), name
    assert not torch.equal(after.get_parameter("head.weight"), before.get_parameter("head.weight"))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"method": "x"}, OptionError, "refine method: expected ascend, bwnh, found 'x'"),
        ({"threads": 0}, OptionError, "--threads: expected at least 1, found 0"),
        ({"device": "tpu"}, OptionError, "--device: expected cpu or cuda, found 'tpu'"),
        (
            {"pictures": 8},
            DataError,
            "expected at least 13 to measure on and to judge by, found 12",
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


def test_another_run_is_not_written_over(options: dict[str, Any]) -> None:
    refine(**options)
    with pytest.raises(CheckpointError, match=r"expected no earlier run, found one"):
        refine(**options)
