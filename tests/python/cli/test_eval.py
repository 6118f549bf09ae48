"""`edgebin eval`: text, JSON, a figure, and exit codes."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from graphs.small_networks import colour_network, written
from processes.command_line import edgebin


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two reds, one of them green, and a class that the model does not know."""
    for label, colours in {"red": ["red", "green"], "blue": ["blue"], "puce": ["red"]}.items():
        (tmp_path / "data" / label).mkdir(parents=True)
        for number, colour in enumerate(colours):
            Image.new("RGB", (8, 8), colour).save(tmp_path / f"data/{label}/{number}.png")
    return tmp_path / "data"


def test_text(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("eval", written(colour_network(), tmp_path), "--data", data) == 0
    out, error = capsys.readouterr()
    words = [line.split() for line in out.splitlines()]
    assert ["accuracy", "66.67", "%"] in words
    assert ["unknown", "puce", "(1", "image", "left", "out)"] in words
    assert ["no", "images", "green"] in words
    assert ["red", "2", "100.00", "%", "50.00", "%", "66.67", "%"] in words
    assert ["red", "green", "1"] in words
    assert max(map(len, out.splitlines())) <= 80 or str(data) in out
    assert error.startswith("3 images, ")


def test_json(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "red/cut.png").write_bytes(b"\x89PNG")
    model = written(colour_network(), tmp_path)
    assert edgebin("eval", model, "--data", data, "--json", "--workers", "2") == 1
    out, error = capsys.readouterr()
    found = json.loads(out)
    assert (found["schema"], found["version"]) == ("edgebin.eval", 1)
    assert (found["images"], found["skipped"]) == (3, 1)
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert [x["label"] for x in found["classes"]] == ["red", "green", "blue"]
    assert found["classes"][1]["recall"] is None
    assert found["confusion"][0] == [1, 1, 0, 0]
    assert [Path(x["image"]).name for x in found["worst"]] == ["1.png"]
    assert (found["not_in_model"], found["not_in_data"]) == (["puce"], ["green"])
    assert "cut.png" in error


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="needs matplotlib")
def test_plot(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, plot = written(colour_network(), tmp_path), tmp_path / "eval.png"
    assert edgebin("eval", model, "--data", data, "--plot", plot) == 0
    with Image.open(plot) as drawn:
        assert drawn.size[0] > 800
    assert edgebin("eval", model, "--data", data, "--plot", "eval.bmp") == 2
    assert "expected a name that ends in .png, .pdf or .svg" in capsys.readouterr().err


def test_bad_arguments_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = written(colour_network(), tmp_path)
    assert edgebin("eval", model, "--data", tmp_path / "none") == 2
    assert edgebin("eval", model, "--data", tmp_path, "--split", "dev") == 2
    assert edgebin("eval", model, "--data", tmp_path, "--workers", "0") == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "split: expected test, val, train, found 'dev'" in lines[1]
