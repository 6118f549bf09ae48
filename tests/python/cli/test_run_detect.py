"""`edgebin run` with a detector: lines, JSON, CSV and images with boxes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgebin.graph.format import encode
from graphs.detectors import image_detector
from processes.command_line import edgebin

BOX = [35.0, 35.0, 55.0, 55.0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A detector, an image with a red square, and one without."""
    (tmp_path / "red.ebn").write_bytes(encode(image_detector()))
    (tmp_path / "images").mkdir()
    pixels = np.zeros((80, 80, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "images/b.png")
    pixels[40:50, 40:50, 0] = 255
    Image.fromarray(pixels).save(tmp_path / "images/a.png")
    return tmp_path


def test_lines_of_named_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images = [folder / "images/a.png", folder / "images/b.png"]
    assert edgebin("run", folder / "red.ebn", *images) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["red", "100.0", "%", *(f"{edge:.1f}" for edge in BOX)]
    assert lines[3] == "  nothing found"


def test_one_document_of_named_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("run", folder / "red.ebn", folder / "images/a.png", "--json") == 0
    result = json.loads(capsys.readouterr().out)["results"][0]
    expected = {"label": "red", "index": 0, "score": 1.0, "box": BOX}
    assert result["detections"] == [expected]


def test_a_folder_as_json_and_csv(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("run", folder / "red.ebn", folder / "images", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [len(line["detections"]) for line in lines] == [1, 0]
    assert edgebin("run", folder / "red.ebn", folder / "images", "--csv", "--top", "2") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["label_1"] for row in rows] == ["red", ""]
    assert [float(rows[0][f"{edge}_1"]) for edge in ("left", "top", "right", "bottom")] == BOX
    assert rows[0]["right_2"] == ""


def test_results_are_gone_on_with(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("r.csv", "r.jsonl"):
        words = ("run", folder / "red.ebn", folder / "images", "--results", folder / name)
        assert edgebin(*words) == 0
        whole = (folder / name).read_bytes()
        assert whole.count(b"red") == 1
        (folder / name).write_bytes(whole[:-5])
        assert edgebin(*words, "--resume") == 0
        assert (folder / name).read_bytes() == whole
    capsys.readouterr()


def test_boxes_are_drawn(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = folder / "drawn"
    assert edgebin("run", folder / "red.ebn", folder / "images", "--save", saved) == 0
    with Image.open(saved / "a.png") as drawn, Image.open(saved / "b.png") as plain:
        assert drawn.size == plain.size == (320, 320)
        assert np.unique(np.asarray(drawn).reshape(-1, 3), axis=0).shape[0] > 2
        assert not np.asarray(plain).any()
    assert edgebin("run", folder / "red.ebn", folder / "images", "--min-score", "1") == 0
    assert "100.0 %" in capsys.readouterr().out
