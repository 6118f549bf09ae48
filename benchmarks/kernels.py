"""Times convolution steps and kernels on every instruction set: us, MAC/cycle, share of peak.

    python benchmarks/kernels.py [--build-dir DIR] [--core C] [--rounds R] [--filter REGEX]
        [--output FILE.json]

Builds the program of `benchmarks/kernels/` from this source tree and runs it on one core; the
result is the median of several rounds. Peaks are modelled: the header comments of the kernel files
derive them from the ports of Zen 4, those of `amx` and `avx_vnni` of Golden Cove. Cycles are times
multiplied by a clock frequency that is measured once, at the start of the program. The description
of the machine comes from the installed edgebin, whose kernels are not measured; the version in the
result is that of the source tree. Needs cmake, a C++20 compiler and Google Benchmark.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from arguments import Parser, core, count, result_file, writable_folder
from edgebin.errors import EdgebinError
from result_files import about, write_result
from speed.kernels_program import build, run

_COUNTERS = ("us", "mac_per_ns", "mac_per_cycle", "peak")


def main() -> int:
    """Build, measure, write, print; 2 where what it needs is missing or fails."""
    options = _arguments()
    notes = Console(stderr=True)
    try:
        with notes.status(f"building in {options.build_dir}"):
            program = build(options.build_dir)
        with notes.status("measuring"):
            measured = run(program, core=options.core, rounds=options.rounds, names=options.filter)
        found = rows(measured["benchmarks"])
        write_result(_result(measured["context"], found, options), options.output)
    except EdgebinError as error:
        print(f"kernels: error: {error}", file=sys.stderr)
        return 2
    Console(width=None if sys.stdout.isatty() else 100).print(table(found))
    return 0


def rows(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for each benchmark, with the medians of its rounds.

    Args:
        entries: as Google Benchmark lists them, one a round.
    """
    rounds: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        if entry["run_type"] == "iteration":  # no aggregate
            rounds.setdefault(entry["run_name"], []).append(entry)
    return [_row(name, found) for name, found in rounds.items()]


def _row(run_name: str, rounds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return kind, name, instruction set, the kernel of a step, and the medians of counters."""
    kind, name, isa = run_name.split("/")
    first = rounds[0]
    kernel = {"kernel": first["label"]} if "label" in first else {}
    counters = {
        key: round(median(entry[key] for entry in rounds), 4) for key in _COUNTERS if key in first
    }
    return {"kind": kind, "name": name, "isa": isa, **kernel, **counters}


def _result(
    context: Mapping[str, Any], found: list[dict[str, Any]], options: argparse.Namespace
) -> dict[str, Any]:
    facts: dict[str, Any] = about()
    facts["versions"]["edgebin"] = context["edgebin_version"]
    return {
        "what": "one thread; `peak` is modelled from ports of Zen 4, cycles from a measured clock",
        "core": options.core,
        "rounds": options.rounds,
        "clock_ghz": float(context["clock_ghz"]),
        "results": found,
        **facts,
    }


def table(found: Sequence[Mapping[str, Any]]) -> Table:
    """Lay the rows out: steps first, the instruction sets of one name together."""
    made = Table("what", "isa", "kernel", "us", "MAC/cycle", "of modelled peak")
    for row in sorted(found, key=lambda row: (row["kind"] == "bare", _place(found, row))):
        rate, peak = row.get("mac_per_cycle"), row.get("peak")
        made.add_row(
            row["name"],
            row["isa"],
            row.get("kernel", ""),
            f"{row['us']:.3f}",
            "" if rate is None else f"{rate:.1f}",
            "" if rate is None or peak is None else f"{rate / peak:.0%}",
        )
    return made


def _place(found: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> int:
    """Return where the name of the row occurs first."""
    return [other["name"] for other in found].index(row["name"])


def _arguments() -> argparse.Namespace:
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--build-dir", type=writable_folder, default="build/benchmarks")
    parser.add_argument("--core", type=core, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=count, default=5, help="measurements of each benchmark")
    parser.add_argument("--filter", default=".", help="regular expression of benchmarks' names")
    parser.add_argument("--output", type=result_file, default="benchmarks/results/kernels.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
