"""The chart is an image in which the result can be seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from speed.peers_chart import draw

pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")

W1A2, INT8, FP32 = (200, 85, 61), (88, 139, 139), (201, 201, 201)  # colours of bars
SHARE = 0.003  # of the image: bars' colours have more, smoothed letters less
KEPT = Path(__file__).parents[3] / "benchmarks/results/peers.json"


def row(peer: str, precision: str, ms: float, *, threads: int = 1, isa: str = "default") -> Any:
    return {
        "network": "resnet20",
        "threads": threads,
        "peer": peer,
        "precision": precision,
        "isa": isa,
        "median_ms": {"min": 0.9 * ms, "median": ms, "max": 1.1 * ms},
        "ratio_to_edgebin": None if peer == "edgebin" else {"min": 1, "median": ms, "max": 3},
    }


def result(*rows: Any) -> dict[str, Any]:
    machine = {"cpu": None, "architecture": "x86_64"}
    return {"results": rows, "machine": machine, "date": "2026-01-01"}


def drawn(path: Path) -> Image.Image:
    with Image.open(path) as image:
        assert image.format == "PNG"
        return image.convert("RGB")


def share(image: Image.Image, colour: tuple[int, int, int]) -> float:
    """How much of the image has just this colour."""
    return float((np.asarray(image) == colour).all(axis=2).mean())


def test_a_chart_is_a_png_with_a_bar_for_each_row(tmp_path: Path) -> None:
    path = tmp_path / "new" / "peers.png"
    draw(result(row("edgebin", "W1A2", 1.0), row("onnxruntime", "int8", 2.0)), path)
    image = drawn(path)
    assert share(image, W1A2) > SHARE
    assert share(image, INT8) == pytest.approx(2 * share(image, W1A2), rel=0.05)
    assert share(image, FP32) < SHARE
    assert [file.name for file in path.parent.iterdir()] == ["peers.png"]


def test_threads_stand_side_by_side_and_more_rows_take_more_room(tmp_path: Path) -> None:
    rows = [row("edgebin", "W1A2", 1.0), row("ncnn", "fp32", 2.0)]
    wide = [row("edgebin", "W1A2", 0.6, threads=2), row("ncnn", "fp32", 1.2, threads=2)]
    held = [row("edgebin", "W1A2", 1.5, isa="avx2"), row("openvino", "fp32", 3.0, isa="avx2")]
    images = []
    for index, chosen in enumerate((rows, rows + wide, rows + held)):
        draw(result(*chosen), tmp_path / f"{index}.png")
        images.append(drawn(tmp_path / f"{index}.png"))
    one, two, tall = images
    assert two.width > 1.5 * one.width
    assert two.height == one.height
    assert tall.height > one.height
    assert tall.width == one.width


def test_the_kept_result_can_be_drawn(tmp_path: Path) -> None:
    draw(json.loads(KEPT.read_text()), tmp_path / "peers.png")
    image = drawn(tmp_path / "peers.png")
    assert all(share(image, colour) > SHARE for colour in (W1A2, INT8, FP32))


def test_a_chart_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"folder or a device"):
        draw(result(row("edgebin", "W1A2", 1.0)), tmp_path)
