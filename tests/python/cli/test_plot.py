from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import pytest

from processes.command_line import edgebin

NO_FORMULA = "$\\frac$"  # matplotlib would refuse to draw it as one


def run_of(folder: Path, seed: int, source: str = NO_FORMULA) -> Path:
    folder.mkdir()
    entries = [{"event": "header", "recipe_source": source, "seed": seed}]
    for number in range(1, 4):
        epoch = {"loss": 1.0 / number, "accuracy": 0.2 * number, "holdout_accuracy": 0.1 * number}
        entries.append({"event": "epoch", "epoch": number, "lr": 0.1, "seconds": 2.0, **epoch})
    entries.append({"event": "end", "test_accuracy": 0.5})
    (folder / "log.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return folder


@pytest.mark.parametrize("by", ["epochs", "seconds"])
def test_runs_are_drawn_from_logs_and_folders(tmp_path: Path, by: str) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    first, second = run_of(tmp_path / "a", 0), run_of(tmp_path / "b", 1)
    chart = tmp_path / "curves.png"
    assert edgebin("plot", first, second / "log.jsonl", "-o", chart, "--by", by) == 0
    assert chart.read_bytes().startswith(b"\x89PNG")


def test_a_line_says_that_a_chart_replaces_another_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    run, chart = run_of(tmp_path / "a", 0), tmp_path / "curves.png"
    assert edgebin("plot", run, "-o", chart) == 0
    assert capsys.readouterr() == (f"{chart}\n", "")
    assert edgebin("plot", run, "-o", chart) == 0
    line = f"--output {chart}: replaced the file that was there\n"
    assert capsys.readouterr() == (f"{chart}\n", line)


def test_letters_that_the_font_lacks_draw_no_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    chart = tmp_path / "curves.png"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert edgebin("plot", run_of(tmp_path / "a", 0, "日本"), "-o", chart) == 0
    assert capsys.readouterr().err == ""
    assert chart.read_bytes().startswith(b"\x89PNG")


def update_of(folder: Path, name: str, *, kept: bool = True) -> Path:
    folder.mkdir(parents=True)
    layer = {"layer": name, "gain": 0.1, "seconds": 3.0}
    entries = [
        {"event": "header", "refines": "a", "options": {"method": "ascend", "target": NO_FORMULA}},
        {"event": "layer", "number": 1, "loss": 1.0, "kept": False, **layer},
        {"event": "layer", "number": 2, "loss": 0.5, "kept": kept, **layer},
    ]
    (folder / "log.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return folder


@pytest.mark.parametrize("by", ["epochs", "seconds"])
def test_updates_are_drawn_too(tmp_path: Path, by: str) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    logs = [
        (update_of(tmp_path / "a", NO_FORMULA),),
        (tmp_path / "a", update_of(tmp_path / "b", "another layer")),
        (update_of(tmp_path / "back" / "a", NO_FORMULA, kept=False),),
    ]
    charts = set()
    for number, some in enumerate(logs):
        chart = tmp_path / f"{number}.png"
        assert edgebin("plot", *some, "-o", chart, "--by", by) == 0
        assert chart.read_bytes().startswith(b"\x89PNG")
        charts.add(chart.read_bytes())
    assert len(charts) == len(logs)


@pytest.mark.parametrize("name", ["_small", "a name of a layer " * 200, "\x1b[31m\n"])
def test_odd_names_are_drawn_in_silence(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    assert edgebin("plot", update_of(tmp_path / "a", name), "-o", tmp_path / "c.png") == 0
    assert edgebin("plot", run_of(tmp_path / "b", 0, name[:50]), "-o", tmp_path / "d.png") == 0
    assert capsys.readouterr().err == ""
    assert not recwarn.list


def test_trainings_and_updates_are_two_charts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    run, update = run_of(tmp_path / "a", 0), update_of(tmp_path / "b", "conv")
    assert edgebin("plot", run, update, "-o", tmp_path / "c.png") == 2
    assert "expected logs of one kind, found trainings and refine runs" in capsys.readouterr().err
    assert not (tmp_path / "c.png").exists()


def test_refusals_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    run = run_of(tmp_path / "a", 0)
    assert edgebin("plot", tmp_path / "none", "-o", tmp_path / "c.png") == 2
    assert edgebin("plot", run, "-o", tmp_path / "none" / "c.png") == 2
    assert edgebin("plot", run, "--by", "layers", "-o", tmp_path / "c.png") == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "cannot be read" in lines[0]
    assert "--output" in lines[1]
    assert "--by" in lines[2]
    assert not (tmp_path / "c.png").exists()


def test_the_file_is_named_and_its_suffix_chooses_the_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    run = run_of(tmp_path / "a", 0)
    for name, start in (("c.pdf", b"%PDF"), ("c.SVG", b"<?xml"), ("c", b"\x89PNG")):
        path = tmp_path / name
        assert edgebin("plot", run, "-o", path) == 0
        assert capsys.readouterr().out == f"{path}\n"
        assert path.read_bytes().startswith(start)
    assert edgebin("plot", run, "-o", tmp_path / "c.jpg") == 2
    assert "c.jpg: expected a name that ends in .png, .pdf or .svg" in capsys.readouterr().err
    assert not (tmp_path / "c.jpg").exists()


def test_without_matplotlib(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert edgebin("plot", run_of(tmp_path / "a", 0), "-o", tmp_path / "c.png") == 2
    assert (
        "plot: expected matplotlib, found none; install it with: pip install"
        in capsys.readouterr().err
    )
