"""Measures edgebin's own networks, whole, on every instruction set, with one thread and two.

    python benchmarks/models.py [--networks N ...] [--isas I ...] [--threads T ...] [--rounds R]
        [--runs K] [--models-dir DIR] [--output FILE.json]

The networks are untrained, of seed 0, with int8 first and last layers. Every measurement runs in a
process of its own (`isolated.py`); the result is the median of several rounds. The growth of cost
is reported too: ResNet-18 on twice the pixels (317 instead of 224 per side) and on a batch of
eight, where 1 means exactly two and eight times the cost. Needs `pip install '.[train]'`. The
networks are made for each run, unless --models-dir keeps them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

import edgebin
from arguments import Parser, count, result_file, threads, usual_threads, writable_folder
from edgebin.errors import EdgebinError
from isolated import ProcessFailedError, Seen, measure, model_bytes
from result_files import about, write_result
from runtimes.own import make
from runtimes.peer import Job
from suite import NETWORKS

LARGE, BATCH = 317, 8  # ResNet-18: 317**2 is 2.003 times 224**2
WARMUP = 5
SHORT_FACTOR = 10  # times the calls for small networks, on kernels that make them short


@dataclass(frozen=True, slots=True)
class Setting:
    """What is measured: a network on images of some side, in some way."""

    network: str
    side: int
    batch: int
    isa: str
    threads: int


def main() -> int:
    """Measure, print, and write the result; 2 where something failed."""
    arguments = _arguments()
    with ExitStack() as stack:
        folder = arguments.models_dir
        if folder is None:
            folder = Path(stack.enter_context(TemporaryDirectory()))
        try:
            rows = _measure_all(arguments, folder)
            grown = growth(rows)
            result = {
                "what": "edgebin's networks, untrained; ms of one call of Model.run()",
                "rounds": arguments.rounds,
                "runs": arguments.runs,
                "runs_of_small_networks": arguments.runs * SHORT_FACTOR,
                "results": rows,
                "growth": grown,
                **about(),
            }
            if arguments.output is not None:
                write_result(result, arguments.output)
        except (EdgebinError, ProcessFailedError) as error:
            print(f"models: error: {error}", file=sys.stderr)
            return 2
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(_table(rows))
    for entry in grown:
        console.print(", ".join(f"{key} {value}" for key, value in entry.items()))
    return 0


def settings(networks: Iterable[str], isas: Iterable[str], counts: Iterable[int]) -> list[Setting]:
    """Every network in every way, and what tells how ResNet-18's cost grows."""
    found = []
    for network in networks:
        sizes = [(NETWORKS[network].side, 1)]
        if network == "resnet18":
            sizes += [(LARGE, 1), (NETWORKS[network].side, BATCH)]
        found += [
            Setting(network, side, batch, isa, number)
            for isa in isas
            for number in counts
            for side, batch in sizes
        ]
    return found


def _measure_all(arguments: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    wanted = settings(arguments.networks, arguments.isas, arguments.threads)
    notes = Console(stderr=True)
    sizes = list(dict.fromkeys((setting.network, setting.side) for setting in wanted))
    paths = {size: _model(*size, folder) for size in track(sizes, "models", console=notes)}
    seen: dict[Setting, list[Seen]] = {setting: [] for setting in wanted}
    for index in range(arguments.rounds):
        label = f"round {index + 1} of {arguments.rounds}"
        for setting in track(wanted, label, console=notes):
            path = paths[setting.network, setting.side]
            seen[setting].append(_measure(setting, path, arguments.runs))
    return [
        _row(setting, rounds, model_bytes(paths[setting.network, setting.side]))
        for setting, rounds in seen.items()
    ]


def _model(network: str, side: int, folder: Path) -> Path:
    """Path of a network, made unless the folder has it already.

    Raises:
        EdgebinError: it cannot be made.
    """
    path = folder / f"{network}-{side}.ebn"
    if path.exists():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        make(network, "W1A2", path, "--input-size", str(side))
    except (OSError, RuntimeError) as error:
        raise EdgebinError(f"{path}: cannot be made: {error}") from error
    return path


def _measure(setting: Setting, path: Path, runs: int) -> Seen:
    job = Job("edgebin", str(path.resolve()), "W1A2", setting.threads, setting.side, setting.batch)
    short = NETWORKS[setting.network].small and setting.isa != "scalar"
    factor = SHORT_FACTOR if short else 1
    environment = {"EDGEBIN_ISA": setting.isa}
    return measure(job, warmup=WARMUP * factor, runs=runs * factor, environment=environment)


def _row(setting: Setting, rounds: list[Seen], size: int) -> dict[str, Any]:
    return {
        "network": setting.network,
        "side": setting.side,
        "batch": setting.batch,
        "isa": setting.isa,
        "threads": setting.threads,
        "median_ms": median(seen.median_ms for seen in rounds),
        "p90_ms": median(seen.p90_ms for seen in rounds),
        "load_ms": median(seen.load_ms for seen in rounds),
        "first_ms": median(seen.first_ms for seen in rounds),
        "above_numpy_and_pillow_bytes": int(
            median(seen.peak_memory_bytes - seen.ground_memory_bytes for seen in rounds)
        ),
        "peak_memory_bytes": int(median(seen.peak_memory_bytes for seen in rounds)),
        "arena_bytes": rounds[-1].facts["arena_bytes"],
        "file_bytes": size,
        "rounds_median_ms": [seen.median_ms for seen in rounds],
    }


def growth(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Time per pixel of the larger image, and per image of the batch, over the usual one's."""
    found = []
    usual_side = NETWORKS["resnet18"].side
    times = {
        (row["side"], row["batch"], row["isa"], row["threads"]): row["median_ms"]
        for row in rows
        if row["network"] == "resnet18"
    }
    for (side, batch, isa, number), usual in times.items():
        if (side, batch) != (usual_side, 1):
            continue
        large, many = times[LARGE, 1, isa, number], times[usual_side, BATCH, isa, number]
        entry = {
            "isa": isa,
            "threads": number,
            "per_pixel_at_twice_the_area": round(large / usual / (LARGE / usual_side) ** 2, 3),
            f"per_picture_in_a_batch_of_{BATCH}": round(many / usual / BATCH, 3),
        }
        found.append(entry)
    return found


def _table(rows: list[dict[str, Any]]) -> Table:
    columns = ("network", "side", "batch", "isa", "threads", "ms", "p90", "load ms")
    table = Table(*columns, "RSS above numpy MB", "arena MB", "file MB")
    for row in rows:
        table.add_row(
            *(str(row[key]) for key in ("network", "side", "batch", "isa", "threads")),
            *(f"{row[key]:.2f}" for key in ("median_ms", "p90_ms", "load_ms")),
            f"{row['above_numpy_and_pillow_bytes'] / 1e6:.1f}",
            f"{row['arena_bytes'] / 1e6:.2f}",
            f"{row['file_bytes'] / 1e6:.3f}",
        )
    return table


def _arguments() -> argparse.Namespace:
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--isas", nargs="+", choices=edgebin.isas(), default=edgebin.isas())
    parser.add_argument("--threads", nargs="+", type=threads, default=usual_threads())
    parser.add_argument("--rounds", type=count, default=3, help="fresh processes of each setting")
    parser.add_argument("--runs", type=count, default=20, help="timed calls in a process")
    parser.add_argument(
        "--models-dir", type=writable_folder, help="folder that keeps the made networks"
    )
    parser.add_argument("--output", type=result_file, help="where to write the result as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
