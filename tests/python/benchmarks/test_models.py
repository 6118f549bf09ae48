"""`models.py` measures a network for real and writes all that it promises."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import pytest

import edgebin
from edgebin.runtime import zoo
from models import BATCH, LARGE, Setting, growth, settings
from processes.benchmark_script import benchmark

QUICK = ("--networks", "resnet20", "--isas", "scalar", "--threads", 1)


@pytest.mark.slow
def test_a_measurement_is_written_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output, kept = tmp_path / "new" / "models.json", tmp_path / "kept"
    options = ("--rounds", 2, "--runs", 3, "--models-dir", kept, "--output", output)
    assert benchmark("models", *QUICK, *options) == 0
    assert [file.name for file in output.parent.iterdir()] == ["models.json"]
    result = json.loads(output.read_text())
    assert set(result) == {
        *("what", "rounds", "runs", "runs_of_small_networks", "results", "growth"),
        *("command", "machine", "versions", "date"),
    }
    assert (result["rounds"], result["runs"], result["growth"]) == (2, 3, [])
    assert result["command"].startswith("python benchmarks/models.py --networks resnet20")
    assert result["machine"]["cores"] >= 1
    assert result["versions"]["edgebin"] == edgebin.__version__
    (row,) = result["results"]
    model = edgebin.load(kept / "resnet20-32.ebn", isa="scalar")
    assert {key: row[key] for key in ("network", "side", "batch", "isa", "threads")} == {
        "network": "resnet20",
        "side": 32,
        "batch": 1,
        "isa": "scalar",
        "threads": 1,
    }
    assert row["file_bytes"] == model.file_bytes
    assert row["arena_bytes"] == model.arena_bytes
    assert len(row["rounds_median_ms"]) == 2
    assert row["median_ms"] == median(row["rounds_median_ms"])
    assert 0 < row["median_ms"] <= row["p90_ms"]
    assert row["load_ms"] > 0
    assert row["first_ms"] > 0
    assert 0 < row["above_numpy_and_pillow_bytes"] < row["peak_memory_bytes"] < 5e8
    out = capsys.readouterr().out
    assert "resnet20" in out
    assert f"{row['median_ms']:.2f}" in out


def test_a_kept_network_is_measured_as_it_is(tmp_path: Path) -> None:
    path, output = tmp_path / "resnet20-32.ebn", tmp_path / "models.json"
    path.write_bytes(zoo.resolve("cifar10-resnet20").read_bytes())
    assert (
        benchmark("models", *QUICK, "--runs", 1, "--models-dir", tmp_path, "--output", output) == 0
    )
    (row,) = json.loads(output.read_text())["results"]
    assert row["file_bytes"] == zoo.resolve("cifar10-resnet20").stat().st_size


def test_a_damaged_network_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "models.json"
    (tmp_path / "resnet20-32.ebn").write_bytes(b"no network")
    assert benchmark("models", *QUICK, "--models-dir", tmp_path, "--output", output) == 2
    assert not output.exists()
    (line,) = (line for line in capfd.readouterr().err.splitlines() if "error" in line.lower())
    assert line.startswith("models: error: ")
    assert "resnet20-32.ebn" in line


def test_a_network_that_cannot_be_made_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('no torch', name='torch')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert benchmark("models", *QUICK, "--models-dir", tmp_path / "kept") == 2
    (line,) = (line for line in capfd.readouterr().err.splitlines() if "error" in line.lower())
    assert line.startswith("models: error: ")
    assert "resnet20-32.ebn: cannot be made" in line
    assert "needs PyTorch" in line


def test_resnet18_alone_is_measured_larger_and_in_a_batch() -> None:
    assert settings(["resnet20", "resnet18"], ["avx2"], [1, 2]) == [
        Setting("resnet20", 32, 1, "avx2", 1),
        Setting("resnet20", 32, 1, "avx2", 2),
        Setting("resnet18", 224, 1, "avx2", 1),
        Setting("resnet18", LARGE, 1, "avx2", 1),
        Setting("resnet18", 224, BATCH, "avx2", 1),
        Setting("resnet18", 224, 1, "avx2", 2),
        Setting("resnet18", LARGE, 1, "avx2", 2),
        Setting("resnet18", 224, BATCH, "avx2", 2),
    ]


def row(side: int, batch: int, ms: float, *, threads: int = 1) -> dict[str, Any]:
    return {
        "network": "resnet18",
        "side": side,
        "batch": batch,
        "isa": "avx2",
        "threads": threads,
        "median_ms": ms,
    }


def test_growth_in_line_is_one() -> None:
    rows = [row(224, 1, 224**2 / 1e4), row(LARGE, 1, LARGE**2 / 1e4), row(224, 8, 8 * 224**2 / 1e4)]
    rows += [row(224, 1, 2.0, threads=2), row(LARGE, 1, 8.012, threads=2)]
    rows += [row(224, 8, 8.0, threads=2), {**row(32, 1, 0.2), "network": "resnet20"}]
    key = "per_pixel_at_twice_the_area"
    assert growth(rows) == [
        {"isa": "avx2", "threads": 1, key: 1.0, "per_picture_in_a_batch_of_8": 1.0},
        {"isa": "avx2", "threads": 2, key: 2.0, "per_picture_in_a_batch_of_8": 0.5},
    ]
