"""Models the time of one image on ARM boards: qemu counts instructions, llvm-mca gives cycles.

    python benchmarks/arm_model.py [--program FILE] [--networks N,..] [--build-dir DIR]
        [--output FILE.json]
    python benchmarks/arm_model.py --check benchmarks/results/arm-model.json

Cross-compiles the static `edgebin-run` for 64-bit ARM, runs it in qemu's user mode as each core,
counts how often each block of instructions runs for one image, and gives each block the cycles that
llvm-mca models. The numbers are of the loops that are shipped, and are modelled, not measured:
loads always hit and branches are always predicted. Int8 runtimes with published times reach about
70 % of such a model on a board; both numbers are reported.

`--check` counts again, without llvm-mca, and fails if an image takes over 2 % more instructions
than in the file: a slower loop shows on any machine with the same compiler (the committed file was
made by the gcc of Debian 12). Needs cmake, g++-aarch64-linux-gnu, qemu-user and llvm-19 of Debian.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from arguments import Parser, result_file, writable_folder
from arm.counts import (
    Block,
    Functions,
    blocks_of_an_image,
    build_plugin,
    instructions,
    run,
)
from arm.cycles import CORES, Core, assembly, cycles, macs, weighed
from edgebin.errors import EdgebinError
from result_files import about, write_result
from runtimes.own import make
from runtimes.peer import noise
from suite import NETWORKS

REACHED = 0.7  # of the model, by a board
_MORE = 1.02  # instructions that the check lets pass
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Board:
    """A board at its usual clock.

    Args:
        core: of which the model is taken.
    """

    name: str
    core: str
    ghz: float


BOARDS = (
    Board("Raspberry Pi Zero 2 W", "cortex-a53", 1.0),
    Board("Raspberry Pi 3B+", "cortex-a53", 1.4),
    Board("Jetson Nano (A57)", "cortex-a72", 1.43),
    Board("Raspberry Pi 4", "cortex-a72", 1.8),
    Board("Raspberry Pi 5", "cortex-a76", 2.4),
    Board("Jetson Orin Nano (A78AE)", "cortex-a76", 1.5),
)


def main() -> int:
    """Count, model, write, print; 2 where what it needs is missing or fails, 1 if a check fails."""
    options = _arguments()
    notes = Console(stderr=True)
    try:
        with notes.status("building"), TemporaryDirectory() as folder:
            program = options.program or _build(options.build_dir)
            plugin = build_plugin(Path(folder))
            if options.check is not None:
                return _check(options.check, program, plugin, Path(folder), notes)
            rows = [
                row_of(network, core, program, plugin, Path(folder), notes)
                for network in options.networks
                for core in CORES
            ]
        write_result(_result(rows), options.output)
    except EdgebinError as error:
        print(f"arm_model: error: {error}", file=sys.stderr)
        return 2
    Console(width=None if sys.stdout.isatty() else 100).print(table(rows))
    return 0


def row_of(
    network: str, core: Core, program: Path, plugin: Path, folder: Path, notes: Console
) -> dict[str, Any]:
    """The modelled image of a network on a core: cycles in all, by function and of inner loops.

    Raises:
        EdgebinError: the network cannot be made, or a tool is missing or fails.
    """
    notes.print(f"{network} on {core.qemu}")
    blocks = _blocks(network, core, program, plugin, folder)
    functions = Functions(program)
    weights = dict(weighed(blocks, core))
    by_function: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for block, spent in weights.items():
        entry = by_function[functions(block.address)]
        entry[0] += block.instructions * blocks[block]
        entry[1] += spent
    total = sum(weights.values())
    return {
        "network": network,
        "core": core.qemu,
        "model": core.model,
        "instructions": round(instructions(blocks)),
        "cycles": round(total),
        "ms": {
            board.name: {
                "ghz": board.ghz,
                "modelled": round(total / board.ghz / 1e6, 2),
                "at_70_percent": round(total / board.ghz / 1e6 / REACHED, 2),
            }
            for board in BOARDS
            if board.core == core.qemu
        },
        "functions": [
            {"name": name, "instructions": round(count), "cycles": round(spent)}
            for name, (count, spent) in sorted(by_function.items(), key=lambda item: -item[1][1])
            if spent > 0.002 * total
        ],
        "inner_loops": inner_loops(blocks, functions, core),
    }


def inner_loops(
    blocks: Mapping[Block, float], functions: Callable[[int], str], core: Core
) -> list[dict[str, Any]]:
    """Of each kernel of products the block that multiplies most, and its MAC/cycle."""
    most: dict[str, tuple[float, Block]] = {}
    for block, count in blocks.items():
        if block.instructions * count < 1e-3 * instructions(blocks):
            continue
        done = macs(assembly(block.code)) * count
        name = functions(block.address)
        if done > most.get(name, (0.0, block))[0]:
            most[name] = (done, block)
    return [
        {
            "function": name,
            "macs": macs(assembly(block.code)),
            "cycles": cycles(block.code, core.model),
            "macs_per_cycle": round(macs(assembly(block.code)) / cycles(block.code, core.model), 1),
        }
        for name, (_, block) in sorted(most.items(), key=lambda item: -item[1][0])
    ]


def _blocks(
    network: str, core: Core, program: Path, plugin: Path, folder: Path
) -> Mapping[Block, float]:
    side = NETWORKS[network].side
    model, image = folder / f"{network}.ebn", folder / f"{network}.raw"
    if not model.exists():
        try:
            make(network, "W1A2", model)
        except RuntimeError as error:
            raise EdgebinError(f"{network}: cannot be made: {error}") from error
        image.write_bytes(noise(1, side, side, 3).tobytes())
    return blocks_of_an_image(
        [str(program), str(model)], [str(image)], core=core.qemu, plugin=plugin, folder=folder
    )


def _build(folder: Path) -> Path:
    """The program, cross-compiled as its preset says."""
    configure = ["cmake", "--preset", "static-aarch64", "-S", str(_ROOT), "-B", str(folder)]
    run([*configure, "-DEDGEBIN_STRIP_PROGRAM=OFF"])  # the names of functions are wanted
    run(["cmake", "--build", str(folder), "--target", "edgebin-run", "-j", "2"])
    return folder / "csrc/cli/edgebin-run"


def _check(known: Path, program: Path, plugin: Path, folder: Path, notes: Console) -> int:
    """Count every network and core of a result again."""
    try:
        rows = json.loads(known.read_text())["results"]
        expected = {(row["network"], row["core"]): row["instructions"] for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EdgebinError(f"{known}: expected a result of arm_model.py: {error}") from error
    cores = {core.qemu: core for core in CORES}
    worse = 0
    for (network, core), before in expected.items():
        found = instructions(_blocks(network, cores[core], program, plugin, folder))
        notes.print(f"{network} on {core}: {found:,.0f} instructions, {before:,} in {known.name}")
        worse += found > _MORE * before
    return 1 if worse else 0


def _result(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "what": "modelled, not measured: instructions of one image, counted in qemu, weighed by "
        "llvm-mca 19; one thread",
        "reached": f"a board is expected to reach {REACHED:.0%} of the model",
        "results": list(rows),
        **about(),
    }


def table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """As a person reads it: milliseconds of each board, modelled and at 70 % of the model."""
    made = Table("network", "board", "GHz", "instructions", "modelled ms", "at 70 %", "inner loop")
    for row in rows:
        loop = max(row["inner_loops"], key=lambda one: one["macs"], default=None)
        for board, times in row["ms"].items():
            made.add_row(
                row["network"],
                board,
                f"{times['ghz']:g}",
                f"{row['instructions'] / 1e6:.1f} M",
                f"{times['modelled']:.2f}",
                f"{times['at_70_percent']:.2f}",
                "" if loop is None else f"{loop['macs_per_cycle']} MAC/cycle",
            )
    return made


def _networks(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in NETWORKS:
            expected = f"expected some of {', '.join(NETWORKS)}"
            raise argparse.ArgumentTypeError(f"{expected}, found {name!r}")
    return names


def _arguments() -> argparse.Namespace:
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--program", type=Path, help="edgebin-run of 64-bit ARM, static")
    parser.add_argument("--networks", type=_networks, default=list(NETWORKS), help="comma between")
    parser.add_argument("--build-dir", type=writable_folder, default="build/arm-model")
    parser.add_argument("--output", type=result_file, default="benchmarks/results/arm-model.json")
    parser.add_argument("--check", type=Path, help="a result: fail where instructions are more")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
