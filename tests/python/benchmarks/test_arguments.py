"""Every way of using a benchmark badly ends in one line and exit code 2, before it measures."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from arguments import usual_threads
from edgebin.errors import EdgebinError
from processes.benchmark_script import benchmark
from result_files import write_result

CORES = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("script", "arguments", "message"),
    [
        ("models", ["--networks", "lenet"], "--networks: invalid choice: 'lenet'"),
        ("models", ["--isas", "m68k"], "--isas: invalid choice: 'm68k'"),
        ("models", ["--rounds", "0"], "--rounds: expected a number above 0, found '0'"),
        ("models", ["--runs", "-1"], "--runs: expected a number above 0, found '-1'"),
        ("models", ["--runs", "many"], "--runs: expected a number above 0, found 'many'"),
        ("models", ["--threads", "0"], "--threads: expected a number above 0, found '0'"),
        ("models", ["--threads", str(CORES + 1)], f"--threads: expected at most {CORES}"),
        ("models", ["--output", "{folder}"], "--output: expected a file, found a folder"),
        ("models", ["--output", "{file}/r.json"], "--output: expected a folder, found a file at"),
        ("models", ["--models-dir", "{file}"], "--models-dir: expected a folder, found a file at"),
        ("models", ["--fly"], "unrecognized arguments: --fly"),
        ("models", ["a\nb"], "unrecognized arguments: a b"),
        ("peers", ["--networks", "lenet"], "--networks: invalid choice: 'lenet'"),
        ("peers", ["--peers", "edgebin"], "--peers: invalid choice: 'edgebin'"),
        ("peers", ["--rounds", "0"], "--rounds: expected a number above 0, found '0'"),
        ("peers", ["--threads", str(CORES + 1)], f"--threads: expected at most {CORES}"),
        ("peers", ["--output", "{file}/r.json"], "--output: expected a folder, found a file at"),
        ("peers", ["--models-dir", "{file}"], "--models-dir: expected a folder, found a file at"),
        ("kernels", ["--rounds", "0"], "--rounds: expected a number above 0, found '0'"),
        ("kernels", ["--core", "100000"], "--core: expected a core that this process may run on"),
        ("kernels", ["--core", "-1"], "found '-1'"),
        ("kernels", ["--core", "first"], "found 'first'"),
        ("kernels", ["--output", "{folder}"], "--output: expected a file, found a folder"),
        ("kernels", ["--build-dir", "{file}"], "--build-dir: expected a folder, found a file at"),
        ("agreement", ["a.pt", "b.ebn"], "required: --data"),
        ("agreement", ["a.pt", "b.ebn", "--data", "{folder}", "--threads", "0"], "found '0'"),
        ("agreement", ["a.pt", "b.ebn", "--data", "{folder}"], "expected test_batch.bin"),
    ],
)
def test_bad_usage_is_one_line(
    script: str,
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "file"
    file.touch()
    filled = [a.format(folder=tmp_path, file=file) for a in arguments]
    assert benchmark(script, *filled) == 2
    out, err = capsys.readouterr()
    assert err.startswith(f"{script}: error: ")
    assert message in err
    assert err.count("\n") == 1
    assert out == ""


def test_a_core_that_is_taken_from_the_process_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 5})
    assert benchmark("kernels", "--core", 3) == 2
    assert "may run on (2, 5), found '3'" in capsys.readouterr().err


def test_a_plot_without_matplotlib_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert benchmark("peers", "--plot", tmp_path / "peers.png") == 2
    assert "--plot: expected matplotlib, found none: pip install" in capsys.readouterr().err


def test_a_folder_that_may_not_be_written_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("this user may write to any folder")
    assert benchmark("models", "--output", tmp_path / "new" / "r.json") == 2
    assert "--output: expected a folder to write to" in capsys.readouterr().err


@pytest.mark.parametrize(("cores", "threads"), [({3}, [1]), ({0, 7}, [1, 2]), ({1, 2, 3}, [1, 2])])
def test_two_threads_are_usual_where_there_are_two_cores(
    cores: set[int], threads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores)
    assert usual_threads() == threads


def test_a_result_that_cannot_be_written_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EdgebinError, match=r"r\.json: cannot be written: "):
        write_result({}, tmp_path / "file" / "r.json")
