"""Detectors in edgebin-run: the boxes of the Python package."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgebin
from edgebin.graph.format import encode
from graphs.detectors import image_detector

from .conftest import Program


@pytest.mark.parametrize(("fit", "resize"), [("letterbox", 0), ("crop", 0), ("crop", 9)])
def test_boxes_are_those_of_python(program: Program, fit: str, resize: int, tmp_path: Path) -> None:
    model, image = tmp_path / "red.ebn", tmp_path / "image.ppm"
    model.write_bytes(encode(image_detector(8, fit, resize)))
    pixels = np.random.default_rng(1).integers(0, 256, (21, 34, 3), np.uint8)
    Image.fromarray(pixels).save(image)
    result = json.loads(program("run", model, image, "--json").stdout)["results"][0]
    expected = edgebin.load(model).detect(image)
    assert expected
    assert [(x["label"], x["index"]) for x in result["detections"]] == [("red", 0)] * len(expected)
    boxes = [x["box"] for x in result["detections"]]
    np.testing.assert_allclose(boxes, [x.box for x in expected], rtol=1e-6)
    scores = [x["score"] for x in result["detections"]]
    np.testing.assert_allclose(scores, [x.score for x in expected], rtol=1e-6)


def test_lines_for_people(program: Program, tmp_path: Path) -> None:
    model, image = tmp_path / "red.ebn", tmp_path / "image.ppm"
    model.write_bytes(encode(image_detector()))
    pixels = np.zeros((80, 80, 3), np.uint8)
    Image.fromarray(pixels).save(image)
    assert program("run", model, image).stdout == f"{image}\n  nothing found\n"
    pixels[40:50, 40:50, 0] = 255
    Image.fromarray(pixels).save(image)
    lines = program("run", model, image).stdout.splitlines()
    assert lines[1].split() == ["red", "100.0", "%", "35.0", "35.0", "55.0", "55.0"]
    assert "at most 5 boxes" in program("inspect", model).stdout
    rule = json.loads(program("inspect", model, "--json").stdout)["task"]["detect"]
    assert rule == {
        "levels": [{"stride": 1, "boxes": 0, "scores": 1}],
        "form": "ltrb",
        "iou_threshold": pytest.approx(0.2),
        "candidates": 1000,
        "max_boxes": 5,
        "class_aware": True,
    }
