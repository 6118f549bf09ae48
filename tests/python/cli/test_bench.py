from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from edgebin.cli.reports.bench import Report, document, facts, summarise
from edgebin.machine import Machine
from edgebin.runtime.measure import Measurement
from edgebin.runtime.model import load
from processes.command_line import edgebin

MACHINE = Machine("board", "aarch64", 4, "ondemand", 1800.0, 61.5, False)
THROTTLED = Machine("board", "aarch64", 4, "ondemand", 600.0, 85.0, True)


def report(after: Machine) -> Report:
    seen = Measurement("scalar", 1.5, 2.5, [1.0, 3.0, 2.0], 1000, 2000, 30_000_000, None)
    return Report("m.ebn", 2, 1, 5, seen, MACHINE, after, "2026-01-01T00:00:00+00:00", "0.1.0")


@pytest.mark.usefixtures("python")
def test_json_has_every_figure(binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--runs", 7, "--warmup", 1, "--batch", 2, "--threads", 2, "--isa", "scalar")
    assert edgebin("bench", binary, *arguments, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    latency = answer["latency_ms"]
    assert len(answer["run_ms"]) == 7
    assert 0 < latency["min"] <= latency["median"] <= latency["p90"] <= latency["p99"]
    assert latency["min"] <= latency["mean"] <= max(answer["run_ms"])
    assert answer["load_ms"] > 0
    assert answer["first_ms"] > 0
    assert answer["file_bytes"] == binary.stat().st_size
    assert answer["arena_bytes"] > 0
    assert 5e6 < answer["import_memory_bytes"] <= answer["peak_memory_bytes"] < 5e8
    assert (answer["isa"], answer["threads"], answer["batch"], answer["warmup"]) == (
        "scalar",
        2,
        2,
        1,
    )
    assert {"cpu", "architecture", "governor"} <= set(answer["after"])
    assert answer["valid"] in (True, False)


@pytest.mark.usefixtures("python")
def test_text_has_the_figures(binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("bench", binary, "--runs", 3, "--warmup", 0) == 0
    out = capsys.readouterr().out
    for word in ("min", "mean", "median", "p90", "p99", "load ms", "import alone", "governor"):
        assert word in out


@pytest.mark.usefixtures("python")
def test_threads_can_be_pinned(binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cores = len(os.sched_getaffinity(0))
    assert edgebin("bench", binary, "--runs", 2, "--pin", "--threads", min(cores, 2)) == 0
    assert len(os.sched_getaffinity(0)) == cores
    assert edgebin("bench", binary, "--runs", 2, "--pin", "--threads", cores + 1) == 2
    assert f"pin: expected at most {cores} threads" in capsys.readouterr().err


@pytest.mark.usefixtures("python")
def test_the_profile_names_every_layer_once(
    binary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edgebin("bench", binary, "--runs", 3, "--profile", "--json") == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    layers = load(binary).layers
    profiled = [name for step in steps for name in step["layers"]]
    assert sorted(profiled) == sorted(layer.name for layer in layers)
    assert sum(step["macs"] for step in steps) == sum(layer.macs for layer in layers)
    for step in steps:
        assert step["ms"] > 0
        assert bool(step["kernel"]) == (step["ops"][0] in ("conv", "linear"))
        assert (step["gmacs_per_second"] is None) == (step["macs"] == 0)


@pytest.mark.usefixtures("python")
def test_the_profile_is_a_table(binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("bench", binary, "--runs", 2, "--profile") == 0
    out = capsys.readouterr().out
    for word in ("step", "kernel", "GMAC/s", "share", "100.0%"):
        assert word in out


@pytest.mark.usefixtures("python")
def test_the_profile_is_an_image(
    binary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    plot = tmp_path / "profile.png"
    assert edgebin("bench", binary, "--runs", 2, "--plot", plot) == 0
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert edgebin("bench", binary, "--runs", 2, "--plot", tmp_path / "none" / "p.png") == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "--plot" in line


@pytest.mark.usefixtures("python")
def test_nothing_is_imported_from_the_working_directory(
    binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("signal", "numpy", "json", "edgebin"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    assert edgebin("bench", binary, "--runs", 1) == 0


def test_a_python_that_cannot_be_started_is_one_line(
    binary: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(binary))
    assert edgebin("bench", binary) == 2
    line = f"edgebin: error: the measuring process: {binary} cannot be started: Permission denied\n"
    assert capsys.readouterr().err == line


def test_percentiles() -> None:
    times = [float(i) for i in range(101)]
    assert summarise(times) == {"min": 0, "mean": 50, "median": 50, "p90": 90, "p99": 99}


def test_a_throttled_run_is_not_valid() -> None:
    assert document(report(MACHINE))["valid"] is True
    assert document(report(THROTTLED))["valid"] is False
    assert "INVALID" in dict(facts(report(THROTTLED)))
    assert "INVALID" not in dict(facts(report(MACHINE)))
