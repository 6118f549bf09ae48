"""The cycles of a block on a core, as llvm-mca models them, and the MACs of its inner loops.

In the model every load hits the first-level cache, every branch is predicted, and a block runs
repeatedly. It is a bound that a board does not reach, not a measurement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from arm.counts import Block, instructions, run
from edgebin.errors import EdgebinError

_ITERATIONS = 100
_WEIGHED = 0.998  # of all instructions: blocks that hardly run count one cycle an instruction
_ATTRIBUTES = "-mattr=+v8.2a,+dotprod,+fullfp16"
_BRANCH = re.compile(r"^(b|bl|b\.\w+|cbn?z\s+\w+,|tbn?z\s+\w+, #\d+,|adrp?\s+\w+,)\s+\S+$")
_LEFT_OUT = ("ret", "br", "blr", "svc", "mrs", "msr", "dmb", "ldaxr", "stlxr", "hint", "bti")

# Multiply-accumulates of an instruction on full registers of the kernels in csrc/kernels/neon*: a
# lookup serves two pixels, 16 channels and 4 inputs; a count of 128 bits is of one plane of two.
_MACS = {
    ("tbl", "16b"): 128,
    ("cnt", "16b"): 64,
    ("sdot", "4s"): 16,
    ("smull", "8h"): 8,
    ("smlsl2", "8h"): 8,
}


@dataclass(frozen=True, slots=True)
class Core:
    """A core that llvm-mca has a model for, or a near relative of.

    Args:
        qemu: as `qemu-aarch64 -cpu` names it.
        model: as `llvm-mca -mcpu` names it.
    """

    qemu: str
    model: str


CORES = (
    Core("cortex-a53", "cortex-a53"),
    Core("cortex-a72", "cortex-a72"),
    Core("cortex-a76", "neoverse-n1"),
)


@cache
def assembly(code: bytes) -> tuple[str, ...]:
    """Return the instructions of a block for llvm-mca, without those it has no model for."""
    data = " ".join(f"0x{byte:02x}" for byte in code)
    command = [_tool("llvm-mc"), "-triple=aarch64", _ATTRIBUTES, "-disassemble"]
    lines = (line.strip() for line in run(command, data).splitlines())
    return tuple(
        _BRANCH.sub(r"\1 .Lblock", " ".join(line.split()))
        for line in lines
        if line and not line.startswith(".") and not line.startswith(_LEFT_OUT)
    )


@cache
def cycles(code: bytes, model: str) -> float:
    """Return the cycles of a block on a core that llvm-mca models.

    Raises:
        EdgebinError: llvm-mca is missing or does not know the core.
    """
    lines = assembly(code)
    if not lines:
        return 0.0
    command = [_tool("llvm-mca"), "-mtriple=aarch64", _ATTRIBUTES, f"-mcpu={model}"]
    options = [f"-iterations={_ITERATIONS}", "-skip-unsupported-instructions=any"]
    try:
        report = run([*command, *options], "\n".join([".Lblock:", *lines, ""]))
    except EdgebinError as error:
        if "no assembly instructions found" in str(error):  # it schedules none of them
            return float(len(lines))
        raise
    found = re.search(r"^Total Cycles:\s+(\d+)", report, re.MULTILINE)
    assert found is not None
    return int(found[1]) / _ITERATIONS


def weighed(blocks: Mapping[Block, float], core: Core) -> Iterator[tuple[Block, float]]:
    """Each block and its cycles, those that run most first."""
    left = _WEIGHED * instructions(blocks)
    for block, count in sorted(blocks.items(), key=lambda item: -item[1] * item[0].instructions):
        spent = cycles(block.code, core.model) if left > 0 else float(block.instructions)
        left -= block.instructions * count
        yield block, spent * count


def macs(lines: Sequence[str]) -> int:
    """Return the multiply-accumulates of a block of a kernel's inner loop; 0 for other blocks."""
    found = 0
    for line in lines:
        name, _, operands = line.partition(" ")
        arrangement = operands.partition(",")[0].partition(".")[2]
        found += _MACS.get((name, arrangement), 0)
    return found


def _tool(name: str) -> str:
    return f"{name}-19"
