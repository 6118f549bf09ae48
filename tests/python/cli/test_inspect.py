from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from edgebin.graph.preprocessing import Preprocessing
from edgebin.graph.task import Task
from edgebin.runtime.zoo import shipped
from graphs.detectors import image_detector
from graphs.small_networks import colour_network, sum_of_tensors, written
from processes.command_line import edgebin


def test_totals_add_up(binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("inspect", binary, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    layers, totals = answer["layers"], answer["totals"]
    first = 8 * 8 * 4 * 27
    assert totals["macs"] == first + 8 * 8 * 8 * 36 + 1280
    assert totals["weights"] == 4 * 27 + 8 * 36 + 1280
    assert totals["constant_bytes"] == sum(layer["bytes"] for layer in layers)
    assert totals["float32_bytes"] == 4 * totals["weights"] + 4 * 4 + 8 * 4 + 8 * 8 + 4 * 10
    assert totals["file_bytes"] == binary.stat().st_size
    assert totals["compression"] == pytest.approx(totals["float32_bytes"] / totals["file_bytes"])
    assert answer["preprocessing"]["colour"] == "rgb"
    assert answer["labels"][9] == "class 9"
    assert answer["inputs"] == [{"name": "image", "shape": [8, 8, 3], "dtype": "uint8"}]


def test_every_input_and_the_task_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(sum_of_tensors(), tmp_path)
    assert edgebin("inspect", path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert ["task", "raw"] in [line.split() for line in lines]
    assert any(line.endswith("a float32 2x3x1, b int8 2x3x1") for line in lines)
    boxed = Preprocessing((0,) * 3, (1,) * 3, fit="letterbox", fill=114)
    task = Task("classify", temperature=1.5, threshold=0.25)
    path = written(replace(colour_network(), task=task, preprocessing=boxed), tmp_path)
    assert edgebin("inspect", path) == 0
    out = capsys.readouterr().out
    assert "classify, temperature 1.5, threshold 0.25" in out
    assert "rgb, letterbox on 114, bilinear" in out
    assert edgebin("inspect", path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["task"] == {
        "kind": "classify",
        "temperature": 1.5,
        "threshold": 0.25,
    }


def test_the_rule_of_a_detector_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(image_detector(), tmp_path)
    assert edgebin("inspect", path) == 0
    assert "detect, threshold 0.5, at most 5 boxes, overlap 0.2" in capsys.readouterr().out
    assert edgebin("inspect", path, "--json") == 0
    rule = json.loads(capsys.readouterr().out)["task"]["detect"]
    assert rule["levels"] == [{"stride": 1, "boxes": 0, "scores": 1}]
    assert rule["form"] == "ltrb"


def test_a_table_for_people(binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("inspect", binary) == 0
    lines = capsys.readouterr().out.splitlines()
    hidden = next(line.split() for line in lines if " hidden " in line)
    assert hidden == ["conv", "hidden", "code", "8x8x8", "18.4", "k", "1", "288", "88"]
    assert any(line.startswith("float32") and "times the file" in line for line in lines)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_without_colours_has_no_bold_text_either(
    name: str,
    value: str,
    binary: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert edgebin("inspect", binary) == 0
    assert "\x1b[1m" in capsys.readouterr().out
    monkeypatch.setenv(name, value)
    assert edgebin("inspect", binary) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_the_definition_of_float32_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("inspect", "--help") == 0
    assert "4 bytes for each weight" in " ".join(capsys.readouterr().out.split())


def test_shipped_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("models", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in answer["models"]] == list(shipped())
    assert edgebin("models") == 0
    out = capsys.readouterr().out
    for name, path in shipped().items():
        assert name in out
        assert str(path.parent) in out


@pytest.mark.parametrize("name", list(shipped()))
def test_every_line_fits_80_columns_and_ends_in_no_blank(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert edgebin("inspect", name) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line == line.rstrip() for line in lines)


def test_a_pipe_has_one_line_for_each_fact(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert edgebin("inspect", "imagenette160-resnet18") == 0
    labels = next(x for x in capsys.readouterr().out.splitlines() if x.startswith("labels"))
    assert "French horn, garbage truck" in labels
    assert labels.endswith("parachute")
