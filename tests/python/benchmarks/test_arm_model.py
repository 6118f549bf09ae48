from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import pytest

from arm.counts import Block, instructions, joined, parse
from arm.cycles import CORES, assembly, cycles, macs
from arm_model import BOARDS, inner_loops, table
from processes.benchmark_script import benchmark

NOP, RET, LOOP = 0xD503201F, 0xD65F03C0, 0x54FFFFE1  # LOOP: b.ne, to the instruction before it
TBL, ADD, USRA = 0x4E010002, 0x4E228463, 0x6F0C1444  # on vectors of 16 bytes
PAGE = 4096

needs_llvm = pytest.mark.skipif(
    shutil.which("llvm-mca-19") is None, reason="needs llvm-mca-19 (Debian package llvm-19)"
)


def code(*words: int) -> bytes:
    return struct.pack(f"<{len(words)}I", *words)


def test_counts_of_one_block_are_added() -> None:
    text = "1000 3 1f2003d5\n2000 1 c0035fd6\n1000 4 1f2003d5\n"
    found = parse(text)
    assert found == {Block(0x1000, code(NOP)): 7, Block(0x2000, code(RET)): 1}
    assert instructions(found) == 8


def test_blocks_are_joined_across_a_page() -> None:
    first = Block(PAGE - 4, code(NOP))
    second = Block(PAGE, code(NOP, RET))
    found = joined({first: 5, second: 8})
    assert found == {Block(PAGE - 4, code(NOP, NOP, RET)): 5, second: 3}
    assert instructions(found) == instructions({first: 5, second: 8})


@pytest.mark.parametrize("last", [RET, LOOP, 0x14000001, 0x94000001, 0xB4000001, 0x36000001])
def test_a_branch_at_the_end_of_a_page_stays_alone(last: int) -> None:
    blocks = {Block(PAGE - 4, code(last)): 5.0, Block(PAGE, code(NOP)): 8.0}
    assert joined(blocks) == blocks


@needs_llvm
def test_a_lookup_of_two_pixels_is_128_macs() -> None:
    loop = code(TBL, ADD, USRA, LOOP)
    lines = assembly(loop)
    assert [line.split()[0] for line in lines] == ["tbl", "add", "usra", "b.ne"]
    assert macs(lines) == 128


@needs_llvm
def test_a_lookup_costs_a72_thrice_what_it_costs_a76() -> None:
    core = {core.qemu: core.model for core in CORES}
    lookups = code(*[TBL] * 16)
    assert cycles(lookups, core["cortex-a76"]) == pytest.approx(8, rel=0.05)
    assert cycles(lookups, core["cortex-a72"]) == pytest.approx(24, rel=0.05)


@needs_llvm
def test_the_inner_loop_is_the_block_that_multiplies_most() -> None:
    hot = Block(0x1000, code(TBL, ADD, USRA, LOOP))
    cold = Block(0x2000, code(TBL, TBL, RET))
    names = {0x1000: "lookup", 0x2000: "lookup"}
    found = inner_loops({hot: 100.0, cold: 1.0}, names.__getitem__, CORES[2])
    assert [row["function"] for row in found] == ["lookup"]
    assert found[0]["macs"] == 128
    assert found[0]["macs_per_cycle"] == round(128 / found[0]["cycles"], 1)


def test_every_board_has_a_core_that_is_modelled() -> None:
    assert {board.core for board in BOARDS} == {core.qemu for core in CORES}


def test_the_table_has_a_row_for_each_board() -> None:
    times = {"ghz": 1.8, "modelled": 40.0, "at_70_percent": 57.1}
    row = {
        "network": "resnet18",
        "instructions": 120_000_000,
        "ms": {"one": times, "other": times},
        "inner_loops": [],
    }
    assert table([row]).row_count == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--networks", "lenet"), "expected some of"),
        (("--check", "missing.json"), "expected a result of arm_model.py"),
    ],
)
def test_bad_options_end_in_one_line(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "edgebin-run"
    program.write_bytes(b"")
    assert benchmark("arm_model", "--program", program, *arguments) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_the_committed_result_calls_itself_modelled() -> None:
    path = Path(__file__).parents[3] / "benchmarks/results/arm-model.json"
    found = json.loads(path.read_text())
    assert found["what"].startswith("modelled, not measured")
    assert {row["core"] for row in found["results"]} == {core.qemu for core in CORES}
