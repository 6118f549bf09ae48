from __future__ import annotations

from pathlib import Path

import pytest

from edgebin.machine.cores import Cores, CoreType, cores
from machine_trees import plant, write

CPU = "sys/devices/system/cpu"


def kinds(root: Path) -> list[tuple[str, tuple[int, ...], bool | None]]:
    return [(kind.name, kind.cores, kind.has_64_bits) for kind in cores(root).types]


@pytest.mark.parametrize(
    ("name", "core", "count", "vectors"),
    [
        ("raspberry-pi-3", "Cortex-A53", 4, ("neon",)),
        ("raspberry-pi-zero-2-w", "Cortex-A53", 4, ("asimd",)),
        ("raspberry-pi-4", "Cortex-A72", 4, ("asimd",)),
        ("raspberry-pi-5", "Cortex-A76", 4, ("asimd", "asimddp", "asimdhp")),
        ("jetson-nano", "Cortex-A57", 2, ("asimd",)),
        ("jetson-orin-nano", "Cortex-A78AE", 6, ("asimd", "asimddp", "asimdhp")),
        ("laptop", "Intel(R) Core(TM) i5-7200U CPU @ 2.50GHz", 4, ("ssse3", "avx2")),
    ],
)
def test_one_type(
    name: str, core: str, count: int, vectors: tuple[str, ...], tmp_path: Path
) -> None:
    plant(name, tmp_path)
    assert kinds(tmp_path) == [(core, tuple(range(count)), True)]
    assert cores(tmp_path).vectors == vectors


def test_two_types(tmp_path: Path) -> None:
    plant("rock-pi-4", tmp_path)
    assert cores(tmp_path).types == (
        CoreType("Cortex-A53", (0, 1, 2, 3), 485, True),
        CoreType("Cortex-A72", (4, 5), 1024, True),
    )


def test_cores_that_are_switched_off(tmp_path: Path) -> None:
    plant("jetson-nano", tmp_path)
    found = cores(tmp_path)
    assert (found.online, found.present) == (2, 4)


def test_the_register_stands_above_cpuinfo(tmp_path: Path) -> None:
    plant("raspberry-pi-4", tmp_path)
    write(tmp_path / f"{CPU}/cpu3/regs/identification/midr_el1", "0x00000000410fd0b1\n")
    assert kinds(tmp_path) == [("Cortex-A72", (0, 1, 2), True), ("Cortex-A76", (3,), True)]
    write(tmp_path / f"{CPU}/cpu3/regs/identification/midr_el1", "garbage\n")
    assert kinds(tmp_path) == [("Cortex-A72", (0, 1, 2, 3), True)]


def test_an_unknown_core_shows_its_numbers(tmp_path: Path) -> None:
    write(tmp_path / "proc/cpuinfo", "processor: 0\nCPU implementer: 0x48\nCPU part: 0xd01\n")
    assert kinds(tmp_path) == [("implementer 0x48, part 0xd01", (0,), None)]


@pytest.mark.parametrize(
    ("part", "name", "wide"),
    [("0xb76", "ARM1176", False), ("0xc07", "Cortex-A7", False), ("0xd01", "Cortex-A32", False)],
)
def test_cores_of_32_bits(part: str, name: str, wide: bool, tmp_path: Path) -> None:
    write(tmp_path / "proc/cpuinfo", f"processor: 0\nCPU implementer: 0x41\nCPU part: {part}\n")
    assert kinds(tmp_path) == [(name, (0,), wide)]


def test_the_last_block_of_arm_is_no_processor(tmp_path: Path) -> None:
    write(tmp_path / "proc/cpuinfo", "processor: 0\n\nHardware: BCM2835\nmodel name: no core\n")
    assert kinds(tmp_path) == [("unknown", (0,), None)]


def test_an_empty_tree_tells_nothing(tmp_path: Path) -> None:
    assert cores(tmp_path) == Cores((), None, None, None)


def test_no_vectors_is_not_unknown(tmp_path: Path) -> None:
    write(tmp_path / "proc/cpuinfo", "processor: 0\nFeatures: half thumb vfp\n")
    assert cores(tmp_path).vectors == ()
