"""`kernels.py` on a report of Google Benchmark written by hand, with a cmake that builds nothing.

The program itself needs minutes to compile: what it reports is not tested here.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from kernels import rows, table
from processes.benchmark_script import benchmark

CORE = min(os.sched_getaffinity(0))
PROGRAM = "benchmarks/kernels/edgebin_kernels_benchmark"


def entry(run_name: str, us: float, *, label: str = "", **counters: float) -> dict[str, Any]:
    """One round of a benchmark."""
    made = {"name": run_name, "run_name": run_name, "run_type": "iteration", "us": us, **counters}
    return {**made, "label": label} if label else made


def aggregate(run_name: str, us: float) -> dict[str, Any]:
    """What Google Benchmark makes of several rounds."""
    return {
        "name": f"{run_name}_median",
        "run_name": run_name,
        "run_type": "aggregate",
        "aggregate_name": "median",
        "us": us,
    }


STEP, BARE, BUILD = "step/16->16@32/avx2", "bare/u8s8/avx2", "bare/build_lookup_wide/avx2"
ENTRIES = [
    entry(BARE, 1.5, mac_per_ns=60.0, mac_per_cycle=20.0, peak=32.0),
    entry(BUILD, 0.25),
    entry(STEP, 30.0, label="lookup_narrow", mac_per_ns=80.0, mac_per_cycle=24.0, peak=256.0),
    entry(STEP, 10.0, label="lookup_narrow", mac_per_ns=240.0, mac_per_cycle=72.0, peak=256.0),
    entry(STEP, 20.00004, label="lookup_narrow", mac_per_ns=120.0, mac_per_cycle=64.0, peak=256.0),
    aggregate(STEP, 99.0),
]
ROWS: list[dict[str, Any]] = [
    {
        "kind": "bare",
        "name": "u8s8",
        "isa": "avx2",
        "us": 1.5,
        "mac_per_ns": 60.0,
        "mac_per_cycle": 20.0,
        "peak": 32.0,
    },
    {"kind": "bare", "name": "build_lookup_wide", "isa": "avx2", "us": 0.25},
    {
        "kind": "step",
        "name": "16->16@32",
        "isa": "avx2",
        "kernel": "lookup_narrow",
        "us": 20.0,
        "mac_per_ns": 120.0,
        "mac_per_cycle": 64.0,
        "peak": 256.0,
    },
]


def test_a_row_has_the_medians_of_its_rounds() -> None:
    assert rows(ENTRIES) == ROWS


def test_two_rounds_have_their_middle() -> None:
    assert rows([entry(BUILD, 1.0), entry(BUILD, 4.0)])[0]["us"] == 2.5


def test_the_table_has_steps_first_and_a_names_instruction_sets_together() -> None:
    found = [
        *ROWS,
        {"kind": "step", "name": "1->1@1", "isa": "avx2", "kernel": "bit_serial", "us": 7.0},
        {**ROWS[2], "isa": "scalar", "kernel": "bit_serial", "mac_per_cycle": 1.28},
    ]
    del found[-1]["peak"]
    screen = Console(width=100, file=sys.stderr, record=True)
    screen.print(table(found))
    lines = [line for line in screen.export_text().splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in line.strip("│").split("│")] for line in lines] == [
        ["16->16@32", "avx2", "lookup_narrow", "20.000", "64.0", "25%"],
        ["16->16@32", "scalar", "bit_serial", "20.000", "1.3", ""],
        ["1->1@1", "avx2", "bit_serial", "7.000", "", ""],
        ["u8s8", "avx2", "", "1.500", "20.0", "62%"],
        ["build_lookup_wide", "avx2", "", "0.250", "", ""],
    ]


def script(path: Path, body: str) -> None:
    """Write a Python script that can be executed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\nimport json, os, pathlib, sys\n{body}")
    path.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def build(tmp_path: Path, tools: Path) -> Path:
    """A folder where a cmake that does nothing finds a program that notes how it is run."""
    folder = tmp_path / "build"
    script(tools / "cmake", "print('-- Build files have been written')")
    report = {"context": {"clock_ghz": "3.5", "edgebin_version": "7.8.9"}, "benchmarks": ENTRIES}
    (tmp_path / "report.json").write_text(json.dumps(report))
    script(
        folder / PROGRAM,
        f"here = pathlib.Path({str(tmp_path)!r})\n"
        "seen = {'arguments': sys.argv[1:], 'cores': sorted(os.sched_getaffinity(0))}\n"
        "(here / 'seen.json').write_text(json.dumps(seen))\n"
        "print((here / 'report.json').read_text())\n",
    )
    return folder


def test_a_measurement_is_written_whole(
    tmp_path: Path, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, cores = tmp_path / "new" / "kernels.json", os.sched_getaffinity(0)
    options = ("--build-dir", build, "--output", output, "--filter", "byte|16", "--core", CORE)
    assert benchmark("kernels", *options, "--rounds", 1) == 0
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert seen["cores"] == [CORE]
    assert os.sched_getaffinity(0) == cores
    assert {"--benchmark_filter=byte|16", "--benchmark_repetitions=1"} <= set(seen["arguments"])
    result = json.loads(output.read_text())
    assert result["results"] == ROWS
    assert (result["core"], result["rounds"], result["clock_ghz"]) == (CORE, 1, 3.5)
    assert result["versions"]["edgebin"] == "7.8.9", "that of the tree that was built"
    assert {"what", "command", "machine", "date"} <= set(result)
    out, err = capsys.readouterr()
    assert "lookup_narrow" in out
    assert err == ""


def fails(capsys: pytest.CaptureFixture[str], *options: object) -> str:
    """Run the script; return the one line that it ends in, without its name."""
    assert benchmark("kernels", *options) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("kernels: error: ")
    return err.removeprefix("kernels: error: ").rstrip()


def test_a_missing_cmake_is_one_line(
    tmp_path: Path, tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = fails(capsys, "--build-dir", tmp_path / "build")
    assert line == "cmake: expected the command on the PATH, found none"
    assert not any(tools.iterdir())


CMAKE_ERROR = """\
-- Looking for error.h
CMake Error at benchmarks/kernels/CMakeLists.txt:2 (find_package):
  By not providing "Findbenchmark.cmake" this project
  has asked CMake to find a package.

-- Configuring incomplete, errors occurred!
"""
COMPILER_ERROR = """\
[1/2] Building CXX object error.cc.o
main.cc:3:9: error: expected ';'
    3 | int x
"""


@pytest.mark.parametrize(
    ("step", "said", "reason"),
    [
        (
            "-S",
            CMAKE_ERROR,
            "CMake Error at benchmarks/kernels/CMakeLists.txt:2 (find_package): By not providing "
            '"Findbenchmark.cmake" this project has asked CMake to find a package.',
        ),
        ("--build", COMPILER_ERROR, "main.cc:3:9: error: expected ';'"),
        ("--build", "one\nmake: *** [all] Killed\n", "make: *** [all] Killed"),
        ("--build", "", "it said nothing"),
    ],
    ids=["configure", "compile", "no error named", "silent"],
)
def test_a_failing_cmake_is_one_line(
    step: str,
    said: str,
    reason: str,
    tmp_path: Path,
    tools: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = f"if sys.argv[1] == {step!r}:\n    print({said!r}, end='')\n    sys.exit(3)\n"
    script(tools / "cmake", f"{lines}print('fatal error: none')\n")
    log = tmp_path / "build/kernels.log"
    log.parent.mkdir()
    log.write_text("error: of an earlier build\n")
    line = fails(capsys, "--build-dir", tmp_path / "build")
    assert line.startswith(f"cmake {step} ")
    assert line.endswith(f"expected to end with code 0, found 3: {reason} (all in {log})")
    assert log.read_text() == ("" if step == "-S" else "fatal error: none\n") + said


def test_a_filter_that_matches_nothing_is_one_line(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script(build / PROGRAM, "sys.stderr.write('no match\\n')\nexit(2)")
    line = fails(capsys, "--build-dir", build, "--filter", "lenet")
    expected = "--filter: expected a regular expression of benchmarks' names, found 'lenet'"
    assert line == f"{expected}: no match"


def test_a_failing_program_is_one_line(
    tmp_path: Path, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script(build / PROGRAM, "sys.stderr.write('warning\\npeaks: no such kernel\\n')\nexit(5)")
    output = tmp_path / "kernels.json"
    line = fails(capsys, "--build-dir", build, "--output", output)
    assert line == (
        f"{build / PROGRAM}: expected to end with code 0, found 5: peaks: no such kernel"
    )
    assert not output.exists()
