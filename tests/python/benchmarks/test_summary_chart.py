"""`summary_chart.py`: which peers it shows, and what it says of files that are no results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from processes.benchmark_script import benchmark
from summary_chart import fastest

RESULT = Path(__file__).parents[3] / "benchmarks/results/peers.json"

pytest.importorskip("matplotlib", reason="draws a chart: pip install '.[plot]'")


def row(peer: str, precision: str, ms: float, **other: Any) -> dict[str, Any]:
    usual = {"network": "resnet20", "threads": 1, "isa": "default"}
    return {**usual, "peer": peer, "precision": precision, "median_ms": {"median": ms}, **other}


def test_the_fastest_peers_of_one_thread_are_shown() -> None:
    rows = [
        row("litert", "int8", 0.3),
        row("edgebin", "W1A2", 0.2),
        row("openvino", "int8", 0.25),
        row("openvino", "int8", 0.1, threads=2),
        row("openvino", "int8", 0.1, isa="avx2"),
        row("openvino", "int8", 0.1, network="alexnet"),
        row("ncnn", "fp32", 0.7),
        row("ncnn", "bf16", 0.6),
    ]
    found = fastest(rows, "resnet20")
    assert [(kind, entry["median_ms"]["median"]) for kind, entry in found.items()] == [
        ("edgebin", 0.2),
        ("int8", 0.25),
        ("float", 0.6),
    ]


def test_the_committed_result_is_drawn(tmp_path: Path) -> None:
    assert benchmark("summary_chart", RESULT, "--output", tmp_path / "chart.png") == 0
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_other_files_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.json"
    for text in ("{", "{}", json.dumps({"results": [row("edgebin", "W1A2", 0.2)]})):
        other.write_text(text)
        assert benchmark("summary_chart", other, "--output", tmp_path / "chart.png") == 2
        error = capsys.readouterr().err
        assert error.startswith(f"summary_chart: error: {other}: expected ")
        assert error.count("\n") == 1
    assert not (tmp_path / "chart.png").exists()
