"""How often each block of a program runs for one image, counted in qemu's user mode.

Counts, never times: the time of an emulator says nothing about a board. The program runs once with
one image and once with several; the difference is the cost of the images, without loading. Only for
programs that run one thread: threads in qemu would lose counts to one another.
"""

from __future__ import annotations

import bisect
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgebin.errors import EdgebinError

_PLUGIN = Path(__file__).with_name("blocks.c")
_PAGE = 4096
_IMAGES = 2  # more than one, in the second run
_CROSS = ("-L", "/usr/aarch64-linux-gnu")  # Debian's libraries of its cross-compiler


@dataclass(frozen=True, slots=True)
class Block:
    """Instructions that run one after another.

    Args:
        address: of the first.
        code: four bytes for each.
    """

    address: int
    code: bytes

    @property
    def instructions(self) -> int:
        """The number of instructions."""
        return len(self.code) // 4

    @property
    def ends_a_page(self) -> bool:
        """Whether only the page ends it: its last instruction is not a branch."""
        last = int.from_bytes(self.code[-4:], "little")
        branches = (
            last >> 26 & 0x1F == 0x05,  # b, bl
            last >> 24 == 0x54,  # b.cond
            last >> 25 & 0x3F in (0x1A, 0x1B),  # cbz, cbnz, tbz, tbnz
            last >> 25 == 0x6B,  # br, blr, ret
        )
        return (self.address + len(self.code)) % _PAGE == 0 and not any(branches)


def build_plugin(folder: Path) -> Path:
    """Return the counting plugin, compiled into the folder.

    Raises:
        EdgebinError: there is no C compiler, or it fails.
    """
    plugin = folder / "blocks.so"
    run(["cc", "-O2", "-shared", "-fPIC", str(_PLUGIN), "-o", str(plugin)])
    return plugin


def blocks_of_an_image(
    command: Sequence[str],
    images: Sequence[str],
    *,
    core: str,
    plugin: Path,
    folder: Path,
) -> Mapping[Block, float]:
    """Return how often each block runs for one image; its code must be at fixed addresses.

    Args:
        command: the program and what comes before the images.
        images: one argument of the program.
        core: as `qemu-aarch64 -cpu` names it.
        plugin: as `build_plugin` returned it.
        folder: for the counts.

    Raises:
        EdgebinError: qemu is missing, or the program fails in it.
    """
    first, more = _twice(command, images, core, plugin, folder, _CROSS)
    differences = {block: (more[block] - first[block]) / _IMAGES for block in more}
    return joined({block: count for block, count in differences.items() if count > 0})


def code_of_an_image(
    command: Sequence[str],
    images: Sequence[str],
    *,
    core: str,
    plugin: Path,
    folder: Path,
    options: Sequence[str],
) -> Mapping[Block, float]:
    """Do the same for a program whose code may move between runs: libraries, compiled code.

    Blocks with the same code are merged, at address 0. An interpreter does not repeat itself
    exactly: a count below 0 is work that only the first image needed.

    Args:
        command: the program and what comes before the images.
        images: one argument of the program.
        core: as `qemu-aarch64 -cpu` names it.
        plugin: as `build_plugin` returned it.
        folder: for the counts.
        options: of qemu: where the system of the program is, variables of its environment.

    Raises:
        EdgebinError: qemu is missing, or the program fails in it.
    """
    first, more = _twice(command, images, core, plugin, folder, options)
    difference: Counter[Block] = Counter()
    for counts, sign in ((more, 1), (first, -1)):
        for block, count in joined(counts).items():
            difference[Block(0, block.code)] += sign * round(count)
    return {block: count / _IMAGES for block, count in difference.items() if count}


def instructions(blocks: Mapping[Block, float]) -> float:
    """Return the number of instructions executed in blocks with these counts."""
    return sum(block.instructions * count for block, count in blocks.items())


def _twice(
    command: Sequence[str],
    images: Sequence[str],
    core: str,
    plugin: Path,
    folder: Path,
    options: Sequence[str],
) -> tuple[Counter[Block], Counter[Block]]:
    """Counts with one image, and with _IMAGES more."""
    counts = []
    for times in (1, 1 + _IMAGES):
        out = folder / f"{core}-{times}.txt"
        emulator = ["qemu-aarch64", *options, "-cpu", core, "-plugin", f"{plugin},out={out}"]
        run([*emulator, *command, *list(images) * times])
        counts.append(parse(out.read_text()))
    return counts[0], counts[1]


def joined(blocks: Mapping[Block, float]) -> Mapping[Block, float]:
    """Merge the blocks that qemu splits at the end of a memory page."""
    left = dict(blocks)
    starts = {block.address: block for block in sorted(blocks, key=lambda one: len(one.code))}
    for block, count in blocks.items():
        after = starts.get(block.address + len(block.code))
        if block.ends_a_page and after is not None and left.get(after, 0) >= count:
            del left[block]
            left[after] -= count
            left[Block(block.address, block.code + after.code)] = count
    return {block: count for block, count in left.items() if count > 0}


def parse(text: str) -> Counter[Block]:
    """Parse what the plugin wrote."""
    found: Counter[Block] = Counter()
    for line in text.splitlines():
        address, count, code = line.split()
        found[Block(int(address, 16), bytes.fromhex(code))] += int(count)
    return found


class Functions:
    """The names of a program's functions, by address."""

    def __init__(self, program: Path) -> None:
        listing = run(["aarch64-linux-gnu-nm", "--demangle", "--defined-only", "-n", str(program)])
        rows = [line.split(" ", 2) for line in listing.splitlines()]
        functions = [(int(row[0], 16), row[2]) for row in rows if row[1] in "tTwW"]
        self._starts = [start for start, _ in functions]
        self._names = [_short(name) for _, name in functions]

    def __call__(self, address: int) -> str:
        """The function that the address lies in."""
        at = bisect.bisect_right(self._starts, address) - 1
        return self._names[at] if at >= 0 else "?"


def run(command: Sequence[str], stdin: str | None = None) -> str:
    """Return what a command prints.

    Raises:
        EdgebinError: it is missing or fails; the message has its last line.
    """
    if shutil.which(command[0]) is None:
        raise EdgebinError(f"{command[0]}: expected the command on the PATH, found none")
    environment = {**os.environ, "LC_ALL": "C"}
    ended = subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False, env=environment
    )
    if ended.returncode:
        said = (ended.stderr.strip() or "it said nothing").splitlines()[-1]
        name = Path(command[0]).name
        raise EdgebinError(f"{name}: expected code 0, found {ended.returncode}: {said}")
    return ended.stdout


def _short(name: str) -> str:
    """Return the name of a function without arguments and return type."""
    name = name.replace("(anonymous namespace)::", "").replace("edgebin::", "")
    return name.split("(")[0].removeprefix("void ")
