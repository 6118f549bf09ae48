from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from edgebin.errors import EdgebinError
from edgebin.runtime.model import load
from edgebin.runtime.options import isas
from processes.command_line import edgebin


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
def test_the_profile_is_sorted_by_time(binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("bench", binary, "--runs", 2, "--profile", "--sort") == 0
    lines = capsys.readouterr().out.splitlines()
    shares = [float(line.split()[-1][:-1]) for line in lines if line.endswith("%")]
    steps = shares[: shares.index(100.0)]
    assert len(steps) > 1
    assert steps == sorted(steps, reverse=True)
    assert edgebin("bench", binary, "--sort") == 2
    assert "--sort: expected --profile" in capsys.readouterr().err


@pytest.mark.usefixtures("python")
def test_the_profile_is_an_image(
    binary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    plot = tmp_path / "profile.png"
    assert edgebin("bench", binary, "--runs", 2, "--plot", plot) == 0
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert edgebin("bench", binary, "--runs", 2, "--plot", tmp_path / "none" / "p.png") == 2
    *_, line = capsys.readouterr().err.splitlines()
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
    assert capsys.readouterr().err.endswith(f"after warming up\n{line}")


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_what_is_measured_is_said_before_it_is(
    more: tuple[str, ...],
    binary: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    def measured(*_: object) -> None:
        seen.append(capsys.readouterr().err)
        raise EdgebinError("stopped")

    monkeypatch.setattr("edgebin.runtime.measure.result.measure", measured)
    assert edgebin("bench", binary, "--threads", 2, "--seconds", 2.5, *more) == 2
    assert seen == [f"measuring: {binary}, 2 threads, 2.5 s after warming up\n"]


@pytest.mark.slow
@pytest.mark.usefixtures("python")
def test_several_cases_are_one_table_and_one_document(
    binary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ",".join(isas()[-2:])
    cases = (binary, binary, "--isa", names, "--threads", "1,2", "--runs", 2, "--warmup", 0)
    output = tmp_path / "several.json"
    assert edgebin("bench", *cases, "--rounds", 2, "--output", output) == 0
    captured = capsys.readouterr()
    out, begun = captured.out, captured.err.splitlines()
    assert len(begun) == 2 * 8, "also where standard error is no terminal"
    begins = f"measuring 1 of 16: {binary}, {isas()[-2]}, 1 thread, 2 runs after warming up"
    assert begun[0] == begins
    results = json.loads(output.read_text())["results"]
    expected = [(isa, threads) for _ in range(2) for isa in names.split(",") for threads in (1, 2)]
    assert [(one["isa"], one["threads"]) for one in results] == expected
    assert all(len(one["rounds"]) == 2 for one in results)
    assert all(len(one["run_ms"]) == 2 for result in results for one in result["rounds"])
    rows = [line for line in out.splitlines() if line.endswith("INVALID")]
    assert len(rows) == len(expected), "two calls make no percentile"
    assert f"{len(expected)} of {len(expected)} results: 2 timed calls" in " ".join(out.split())
    assert f"JSON in {output}" in out


@pytest.mark.usefixtures("python")
def test_streams_share_a_model(binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--runs", 30, "--warmup", 0, "--streams", 2, "--batch", 2, "--json")
    assert edgebin("bench", binary, *arguments) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert (result["mode"], result["streams"], result["calls"]) == ("throughput", 2, 30)
    wall = result["rounds"][0]["activity"]["wall_seconds"]
    assert result["images_per_second"] == pytest.approx(60 / wall)


@pytest.mark.usefixtures("python")
def test_by_default_it_warms_up_and_measures_for_a_time(
    binary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edgebin("bench", binary, "--seconds", 0.2, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    (one,) = answer["results"][0]["rounds"]
    assert one["calls"] >= 20
    assert one["activity"]["wall_seconds"] >= 0.2
    assert one["warmup"] >= 10
    assert one["stable"] in (True, False)
    assert len(one["memory"]) >= 1
    assert "few_calls" not in {reason["code"] for reason in one["reasons"]}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--runs", 1, "--seconds", 1), "--runs and --seconds: expected one of them, found both"),
        (("--pin", "--streams", 2), "--pin and --streams: expected one of them, found both"),
        (("--threads", "1,x"), '--threads: expected at least 1, found "x"'),
        (("--threads", "0"), '--threads: expected at least 1, found "0"'),
        (("--seconds", "-1"), "--seconds: expected a number above 0"),
        (("--isa", "scalar,sse9"), 'found "sse9"'),
        (("--plot", "layers.jpg"), "expected a name that ends in .png, .pdf or .svg"),
    ],
)
def test_options_that_cannot_be(
    arguments: tuple[object, ...], line: str, binary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--plot" in arguments:
        pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    assert edgebin("bench", binary, *arguments) == 2
    error = capsys.readouterr().err
    assert line in error
    assert error.count("\n") == 1


@pytest.mark.usefixtures("python")
def test_files_are_named_and_a_replaced_one_is_said(
    binary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "b.json"
    few = ("--runs", 1, "--warmup", 0, "--output", output)
    assert edgebin("bench", binary, *few) == 0
    assert f"JSON in {output}\n" in capsys.readouterr().out
    assert edgebin("bench", binary, *few, "--json") == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == json.loads(output.read_text())
    assert captured.err == (
        f"measuring: {binary}, 1 thread, 1 run after warming up\n"
        f"--output {output}: replaced the file that was there\nJSON in {output}\n"
    )
    assert edgebin("bench", binary, "--runs", 1, "--output", tmp_path / "none" / "b.json") == 2
    assert "--output" in capsys.readouterr().err
