"""Times convolution steps and bare kernels on every instruction set: us, MAC/cycle, share of peak.

    python benchmarks/kernels.py [--build-dir DIR] [--core C] [--rounds R] [--filter REGEX]
        [--output FILE.json]

Builds the program of `benchmarks/kernels/` and runs it held to one core; of several rounds the
median is kept. Peaks are modelled: the header comments of the kernels' files derive them from the
ports of Zen 4. Cycles are time by a clock that was measured once, at the program's start.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from arguments import count
from results import about, write_result

_ROOT = Path(__file__).resolve().parent.parent
_PROGRAM = Path("benchmarks/kernels/edgebin_kernels_benchmark")
_SECONDS = 0.05  # of a benchmark in a round
_COUNTERS = ("us", "mac_per_ns", "mac_per_cycle", "peak")


def main() -> int:
    """Build, measure, write, print."""
    options = _arguments()
    facts = about()  # before this process is held to one core
    _build(options.build_dir)
    measured = _run(options.build_dir / _PROGRAM, options)
    rows = [_row(entry) for entry in measured["benchmarks"] if entry["aggregate_name"] == "median"]
    result = {
        "what": "one thread; `peak` is modelled from ports of Zen 4, cycles from a measured clock",
        "core": options.core,
        "rounds": options.rounds,
        "clock_ghz": float(measured["context"]["clock_ghz"]),
        "results": rows,
        **facts,
    }
    write_result(result, options.output)
    Console().print(_table(rows))
    return 0


def _build(folder: Path) -> None:
    switches = ("-DEDGEBIN_BUILD_BENCHMARKS=ON", "-DEDGEBIN_BUILD_TESTS=OFF")
    configure = ["cmake", "-S", str(_ROOT), "-B", str(folder), "-DCMAKE_BUILD_TYPE=Release"]
    subprocess.run([*configure, *switches], check=True, stdout=sys.stderr)
    target = ["--target", _PROGRAM.name]
    subprocess.run(["cmake", "--build", str(folder), *target], check=True, stdout=sys.stderr)


def _run(program: Path, options: argparse.Namespace) -> dict[str, Any]:
    settings = {
        "format": "json",
        "filter": options.filter,
        "min_time": _SECONDS,
        "repetitions": options.rounds,
        "report_aggregates_only": "true",
    }
    command = [str(program), *(f"--benchmark_{key}={value}" for key, value in settings.items())]
    os.sched_setaffinity(0, {options.core})
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    measured: dict[str, Any] = json.loads(finished.stdout)
    return measured


def _row(entry: dict[str, Any]) -> dict[str, Any]:
    kind, name, isa = entry["run_name"].split("/")
    counters = {key: round(entry[key], 4) for key in _COUNTERS if key in entry}
    return {"kind": kind, "name": name, "isa": isa, **counters}


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("what", "isa", "us", "MAC/cycle", "of modelled peak")
    for row in sorted(rows, key=lambda row: (row["kind"] == "bare", _place(rows, row))):
        rate, peak = row.get("mac_per_cycle"), row.get("peak")
        table.add_row(
            row["name"],
            row["isa"],
            f"{row['us']:.3f}",
            "" if rate is None else f"{rate:.1f}",
            "" if rate is None or peak is None else f"{rate / peak:.0%}",
        )
    return table


def _place(rows: list[dict[str, Any]], row: dict[str, Any]) -> int:
    """Where its name comes first, so that one name's instruction sets are neighbours."""
    return [other["name"] for other in rows].index(row["name"])


def _rounds(text: str) -> int:
    """Two or more: Google Benchmark makes no median of one."""
    return max(2, count(text))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--build-dir", type=Path, default=Path("build/benchmarks"))
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=_rounds, default=5, help="measurements of each benchmark")
    parser.add_argument("--filter", default=".", help="regular expression of benchmarks' names")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/kernels.json"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
