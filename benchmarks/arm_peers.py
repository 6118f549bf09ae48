"""Counts the instructions of one image in other runtimes on 64-bit ARM, beside edgebin's own.

    python benchmarks/arm_peers.py [--network N] [--peers P ...] [--cores C ...] [--edgebin FILE]
        [--models-dir DIR] [--system-dir DIR] [--output FILE.json]
    python benchmarks/arm_peers.py --counted FILE.json ... [--edgebin FILE] [--output FILE.json]

A peer is its ARM wheel, run by Debian's Python for 64-bit ARM in qemu's user mode, with one thread,
on the model that `peers.py` measures on this machine; its logits must be those of the float
baseline. The cost of an image is the difference between runs with one image and with more. The
counts of edgebin are those of a result of `arm_model.py`; when they have changed, `--counted` puts
them beside earlier counts of the peers without running them again.

An instruction is not a cycle: one load may wait for a hundred cycles, and a core may start three
instructions in one. The cycles are modelled by llvm-mca, as in `arm_model.py`, with loads that all
hit, though the weights of a peer take several times the memory. A peer chooses its kernels by the
emulated core and by the /proc/cpuinfo of boards with that core, as it would on a board; `products`
names the instruction by which it multiplies.

Needs `pip install '.[bench]'`, apt-get and dpkg-deb of a Debian, a C compiler, qemu-user, llvm-19.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from arguments import Parser, result_file, writable_folder
from arm import system
from arm.counts import build_plugin
from arm.cycles import CORES
from arm.peer import PRECISIONS, cases, count
from edgebin.errors import EdgebinError
from isolated import ProcessFailedError, make_model
from result_files import about, write_result
from runtimes import PEERS
from speed.comparison import OWN
from suite import NETWORKS


def main() -> int:
    """Count, write, print; 1 where no peer was counted, 2 where what it needs is missing."""
    options = _arguments()
    notes = Console(stderr=True)
    try:
        if options.counted is not None:
            result = again(options.counted, options.edgebin)
        else:
            result = _result(options, notes)
        write_result(result, options.output)
    except EdgebinError as error:
        print(f"arm_peers: error: {error}", file=sys.stderr)
        return 2
    Console(width=None if sys.stdout.isatty() else 130).print(table(result))
    for row in result["missing"]:
        print("missing:", ", ".join(f"{key} {value}" for key, value in row.items()))
    return 0 if any(row["peer"] != OWN for row in result["results"]) else 1


def again(counted: Sequence[Path], edgebin: Path) -> dict[str, Any]:
    """Return former results as one, with other counts of edgebin.

    Args:
        counted: files that this script wrote, of one network.
        edgebin: a file that `arm_model.py` wrote.

    Raises:
        EdgebinError: they are no such files, or the second lacks a core of the first.
    """
    formers = [_former(path) for path in counted]
    first = formers[0]
    for path, former in zip(counted, formers, strict=True):
        if former["network"] != first["network"]:
            difference = f"expected {first['network']}, found {former['network']}"
            raise EdgebinError(f"{path}: {difference}")
    rows = [row for former in formers for row in former["results"] if row["peer"] != OWN]
    counts = edgebin_counts(edgebin, first["network"], list(dict.fromkeys(r["core"] for r in rows)))
    missing = [row for former in formers for row in former["missing"]]
    return {**first, "results": beside(rows, counts), "missing": missing, **about()}


def _former(path: Path) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads(path.read_text())
        expected = {"peer", "core", "instructions", "cycles"}
        if all(expected <= row.keys() for row in result["results"]) and {*result.keys()} >= {
            "network",
            "macs",
            "missing",
        }:
            return result
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise EdgebinError(f"{path}: expected a result of arm_peers.py, found none")


def edgebin_counts(
    result: Path, network: str, cores: Sequence[str]
) -> Mapping[str, Mapping[str, int]]:
    """Return edgebin's instructions and cycles of an image, by core.

    Args:
        result: a file that `arm_model.py` wrote.
        network: of which.
        cores: that it must have.

    Raises:
        EdgebinError: the file is no such result or lacks a core.
    """
    try:
        rows = json.loads(result.read_text())["results"]
        counts = {
            str(row["core"]): {key: int(row[key]) for key in ("instructions", "cycles")}
            for row in rows
            if row["network"] == network
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EdgebinError(f"{result}: expected a result of arm_model.py: {error!r}") from error
    lacking = ", ".join(core for core in cores if core not in counts)
    if lacking:
        present = ", ".join(counts) or "none"
        raise EdgebinError(f"{result}: expected {network} on {lacking}, found {present}")
    return {core: counts[core] for core in cores}


def beside(
    rows: Sequence[Mapping[str, Any]], counts: Mapping[str, Mapping[str, int]]
) -> list[dict[str, Any]]:
    """Rows of edgebin, then the peers' with their ratios to edgebin on the same core."""
    return [{"peer": OWN, "core": core, **of_core} for core, of_core in counts.items()] + [
        {
            **row,
            "ratio_to_edgebin": {
                key: round(row[key] / counts[row["core"]][key], 2)
                for key in ("instructions", "cycles")
            },
        }
        for row in rows
    ]


def _result(options: argparse.Namespace, notes: Console) -> dict[str, Any]:
    """All that is written."""
    from runtimes.float_baselines import macs  # PyTorch: the models need it too

    counts = edgebin_counts(options.edgebin, options.network, options.cores)
    rows, missing = _count(options, notes)
    return {
        "what": "instructions of one image, counted in qemu; cycles by llvm-mca, modelled",
        "network": options.network,
        "macs": macs(options.network),
        "results": beside(rows, counts),
        "missing": missing,
        **about(),
    }


def _count(
    options: argparse.Namespace, notes: Console
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """A row of each case, and those that failed with the reason."""
    rows: list[dict[str, Any]] = []
    missing: list[dict[str, str]] = []
    system_root = system.unpack(options.system_dir)
    with TemporaryDirectory() as folder:
        plugin = build_plugin(Path(folder))
        for peer, precision, core in cases(options.peers, options.cores):
            case = {"peer": peer, "precision": precision, "core": core.qemu}
            notes.log(" ".join(case.values()))
            try:
                model = make_model(peer, options.network, precision, options.models_dir)
                rows.append(case | count(case, model, options.network, system_root, plugin))
            except (EdgebinError, ProcessFailedError) as error:
                missing.append(case | {"reason": str(error)})
    return rows, missing


def table(result: Mapping[str, Any]) -> Table:
    """As a person reads it: millions of instructions and cycles, and times of edgebin's."""
    made = Table(title=f"one image of {NETWORKS[result['network']].title}, one thread")
    for name in ("runtime", "core", "multiplies by"):
        made.add_column(name)
    for name in ("instructions", "MAC each", "to edgebin's", "modelled cycles", "to edgebin's"):
        made.add_column(name, justify="right")
    for row in result["results"]:
        ratio = row.get("ratio_to_edgebin", {"instructions": 1, "cycles": 1})
        made.add_row(
            " ".join([PEERS[row["peer"]].title, row.get("version", ""), row.get("precision", "")]),
            row["core"],
            row.get("products", ""),
            f"{row['instructions'] / 1e6:.1f} M",
            f"{result['macs'] / row['instructions']:.1f}",
            f"{ratio['instructions']:.2f}",
            f"{row['cycles'] / 1e6:.1f} M",
            f"{ratio['cycles']:.2f}",
        )
    return made


def _arguments() -> argparse.Namespace:
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    cores = [core.qemu for core in CORES]
    parser.add_argument("--network", choices=NETWORKS, default="resnet18")
    parser.add_argument("--peers", nargs="+", choices=PRECISIONS, default=list(PRECISIONS))
    parser.add_argument("--cores", nargs="+", choices=cores, default=cores)
    parser.add_argument("--edgebin", type=Path, default="benchmarks/results/arm-model.json")
    parser.add_argument(
        "--counted", nargs="+", type=Path, help="results, whose peers are not counted again"
    )
    parser.add_argument("--models-dir", type=writable_folder, default="build/peers")
    parser.add_argument("--system-dir", type=writable_folder, default="build/arm-peers")
    parser.add_argument("--output", type=result_file, default="benchmarks/results/arm-peers.json")
    arguments = parser.parse_args()
    for key in arguments.peers if arguments.counted is None else ():
        package = PEERS[key].packages[0]
        try:
            version(package)
        except PackageNotFoundError:
            parser.error(f"{package}: expected the package, found none: pip install '.[bench]'")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
