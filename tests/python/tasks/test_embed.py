"""Embedding: vectors of length 1, and the example that finds neighbours."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import edgebin
from edgebin.graph.format import encode
from graphs.segmenters import colours
from processes.command_line import edgebin as command

EXAMPLE = Path(__file__).parents[3] / "examples/neighbours.py"


def plain(*colour: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((4, 4, 3), colour, np.uint8)


def test_vectors_have_length_one() -> None:
    model = edgebin.load(encode(colours(1, kind="embed")))
    assert model.embed(plain(3, 0, 4)).tolist() == np.array([0.6, 0, 0.8], np.float32).tolist()
    assert model.embed(plain(0, 0, 0)).tolist() == [0, 0, 0]
    several: Any = model([plain(3, 0, 4), plain(0, 9, 0)])
    assert several.shape == (2, 3)
    assert several[1].tolist() == [0, 1, 0]


def test_the_command_and_the_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "colours.ebn"
    path.write_bytes(encode(colours(1, kind="embed")))
    names = {"red": (90, 0, 0), "pink": (90, 60, 60), "blue": (0, 0, 90)}
    for name, colour in names.items():
        Image.fromarray(plain(*colour)).save(tmp_path / f"{name}.png")
    red, pink, blue = (str(tmp_path / f"{name}.png") for name in names)
    assert command("run", path, red, "--json") == 0
    result = json.loads(capsys.readouterr().out)["results"][0]
    assert result["embedding"] == [1.0, 0.0, 0.0]
    assert command("run", path, blue) == 0
    assert capsys.readouterr().out.splitlines()[1] == "  0 0 1"
    assert command("run", path, tmp_path, "--json", "--workers", "2") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["embedding"][0] for line in lines] == [
        0.0,
        pytest.approx(90 / (90**2 + 2 * 60**2) ** 0.5),
        1.0,
    ]
    assert command("run", path, red, "--top", "1", "--results", tmp_path / "a.jsonl") == 0
    assert command("run", path, red, "--csv") == 2
    assert "expected lines or JSON of a network that embeds, found CSV" in capsys.readouterr().err
    nearest = runpy.run_path(str(EXAMPLE))["nearest"]
    assert [image for _, image in nearest(edgebin.load(path), red, [blue, pink])] == [pink, blue]
