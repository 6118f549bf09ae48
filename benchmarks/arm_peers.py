"""Counts the instructions of one picture in other runtimes on 64-bit ARM, beside edgebin's own.

    python benchmarks/arm_peers.py [--network N] [--peers P ...] [--cores C ...] [--edgebin FILE]
        [--models-dir DIR] [--system-dir DIR] [--output FILE.json]

A peer is its own wheel for ARM, run by Debian's Python of 64-bit ARM in qemu's user mode, with one
thread, on the model that `peers.py` measures on this machine; its logits must be those of the float
twin. The difference of runs with one picture and with more is what pictures take. edgebin's counts
are those of a result of `arm_model.py`.

An instruction is not a cycle: a load that misses waits for a hundred of them, and a core may run
three at once. The cycles are llvm-mca's, as in `arm_model.py`: modelled, not measured, and kinder
to a peer than to edgebin, since every load hits and a peer's weights take eight times the memory.
The emulated core, with the /proc/cpuinfo that boards with it have, lets the peer choose its
kernels; they are not what it would take on another core.

Needs `pip install '.[bench]'`, apt-get and dpkg-deb of a Debian, a C compiler, qemu-user, llvm-19.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from arguments import Parser, result_file, writable_folder
from arm import system
from arm.counts import Block, build_plugin, code_of_a_picture, instructions
from arm.cycles import CORES, Core, assembly
from arm_model import weighed
from comparison import OWN
from edgebin.errors import EdgebinError
from fresh import FreshError, make_model
from peers import AGREEMENT
from results import about, write_result
from runtimes import PEERS
from suite import NETWORKS

_HERE = Path(__file__).resolve().parent
_RUNNER = _HERE / "arm/picture.py"
_PRECISIONS = {"litert": ("int8",), "onnxruntime": ("int8",), "ncnn": ("fp32", "fp16")}
_NEEDS = {"fp16": "asimdhp"}  # of a core's features: without it, ncnn calculates in fp32
_SHARE = 1e-3  # of the instructions: blocks below say nothing of the kernels
_FAMILIES = ("sdot", "udot", "smmla", "smlal", "smlsl", "umlal", "smull", "fmla", "fmul", "mla")


def main() -> int:
    """Count, write, print; 1 where no peer was counted, 2 where what it needs is missing."""
    options = _arguments()
    notes = Console(stderr=True)
    try:
        own = edgebin_counts(options.edgebin, options.network, options.cores)
        rows, missing = _count(options, notes)
        result = {
            "what": "instructions of one picture, counted in qemu; cycles by llvm-mca, modelled",
            "network": options.network,
            "macs": _macs(options.network),
            "results": beside(rows, own),
            "missing": missing,
            **about(),
        }
        write_result(result, options.output)
    except EdgebinError as error:
        print(f"arm_peers: error: {error}", file=sys.stderr)
        return 2
    Console(width=None if sys.stdout.isatty() else 130).print(table(result))
    for row in missing:
        print("missing:", ", ".join(f"{key} {value}" for key, value in row.items()))
    return 0 if rows else 1


def edgebin_counts(
    result: Path, network: str, cores: Sequence[str]
) -> Mapping[str, Mapping[str, int]]:
    """Return edgebin's instructions and cycles of a picture, by core.

    Args:
        result: a file that `arm_model.py` wrote.
        network: of which.
        cores: that it must have.

    Raises:
        EdgebinError: the file is no such result or lacks a core.
    """
    try:
        rows = json.loads(result.read_text())["results"]
        found = {
            str(row["core"]): {key: int(row[key]) for key in ("instructions", "cycles")}
            for row in rows
            if row["network"] == network
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EdgebinError(f"{result}: expected a result of arm_model.py: {error!r}") from error
    lacking = ", ".join(core for core in cores if core not in found)
    if lacking:
        there = ", ".join(found) or "none"
        raise EdgebinError(f"{result}: expected {network} on {lacking}, found {there}")
    return {core: found[core] for core in cores}


def beside(
    rows: Sequence[Mapping[str, Any]], own: Mapping[str, Mapping[str, int]]
) -> list[dict[str, Any]]:
    """Rows of edgebin, then the peers' with their ratios to edgebin on the same core."""
    return [{"peer": OWN, "core": core, **counts} for core, counts in own.items()] + [
        {
            **row,
            "ratio_to_edgebin": {
                key: round(row[key] / own[row["core"]][key], 2)
                for key in ("instructions", "cycles")
            },
        }
        for row in rows
    ]


def products(blocks: Mapping[Block, float]) -> str:
    """The instruction that multiplies most: it tells which kernels the peer chose.

    Args:
        blocks: how often each ran.
    """
    least = _SHARE * instructions(blocks)
    counts: Counter[str] = Counter()
    for block, count in blocks.items():
        if block.instructions * count < least:
            continue
        for line in assembly(block.code):
            name = line.split()[0].removesuffix("2")
            if name in _FAMILIES:
                counts[name] += round(count)
    return counts.most_common(1)[0][0] if counts else "none"


def cases(peers: Sequence[str], cores: Sequence[str]) -> list[tuple[str, str, Core]]:
    """Peer, precision and core of each row: int8, where a peer's wheel can make it, or floats."""
    return [
        (peer, precision, core)
        for peer in peers
        for precision in _PRECISIONS[peer]
        for core in CORES
        if core.qemu in cores
        and _NEEDS.get(precision, "fp") in system.IDENTITIES[core.qemu].features.split()
    ]


def _count(
    options: argparse.Namespace, notes: Console
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """A row of each case, and those that failed with the reason."""
    rows: list[dict[str, Any]] = []
    missing: list[dict[str, str]] = []
    place = system.unpack(options.system_dir)
    with TemporaryDirectory() as folder:
        plugin = build_plugin(Path(folder))
        for peer, precision, core in cases(options.peers, options.cores):
            case = {"peer": peer, "precision": precision, "core": core.qemu}
            notes.log(" ".join(case.values()))
            try:
                model = make_model(peer, options.network, precision, options.models_dir)
                rows.append(case | _row(case, model, options.network, place, plugin))
            except (EdgebinError, FreshError) as error:
                missing.append(case | {"reason": str(error)})
    return rows, missing


def _row(
    case: Mapping[str, str], model: Path, network: str, place: Path, plugin: Path
) -> dict[str, Any]:
    """What one peer takes on one core."""
    core = next(core for core in CORES if core.qemu == case["core"])
    package = PEERS[case["peer"]].packages[0]
    site = system.install(place, (f"numpy=={np.__version__}", f"{package}=={version(package)}"))
    system.become(place, core.qemu)
    folder = plugin.parent
    answer = folder / "answer.json"
    job = [case["peer"], case["precision"], str(model.resolve()), str(NETWORKS[network].side)]
    blocks = code_of_a_picture(
        [system.python(place), str(_RUNNER), *job, str(answer)],
        ["picture"],
        core=core.qemu,
        plugin=plugin,
        folder=folder,
        options=system.options(place, (site, _HERE)),
    )
    return {
        "version": version(package),
        "instructions": round(instructions(blocks)),
        "cycles": round(sum(spent for _, spent in weighed(blocks, core))),
        "products": products(blocks),
        "agreement": _agreement(network, json.loads(answer.read_text())),
    }


def _agreement(network: str, found: Sequence[float]) -> float:
    """Correlation of logits with the twin's.

    Raises:
        EdgebinError: they are others.
    """
    from twins import logits

    agreement = float(np.corrcoef(found, logits(network))[0, 1])
    if not agreement >= AGREEMENT:
        raise EdgebinError(f"its logits are not the twin's: correlation {agreement:.3f}")
    return round(agreement, 4)


def _macs(network: str) -> int:
    from twins import macs

    return macs(network)


def table(result: Mapping[str, Any]) -> Table:
    """As a person reads it: millions of instructions and cycles, and times of edgebin's."""
    made = Table(title=f"one picture of {NETWORKS[result['network']].title}, one thread")
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
    parser.add_argument("--peers", nargs="+", choices=_PRECISIONS, default=list(_PRECISIONS))
    parser.add_argument("--cores", nargs="+", choices=cores, default=cores)
    parser.add_argument("--edgebin", type=Path, default="benchmarks/results/arm-model.json")
    parser.add_argument("--models-dir", type=writable_folder, default="build/peers")
    parser.add_argument("--system-dir", type=writable_folder, default="build/arm-peers")
    parser.add_argument("--output", type=result_file, default="benchmarks/results/arm-peers.json")
    arguments = parser.parse_args()
    for key in arguments.peers:
        package = PEERS[key].packages[0]
        try:
            version(package)
        except PackageNotFoundError:
            parser.error(f"{package}: expected the package, found none: pip install '.[bench]'")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
