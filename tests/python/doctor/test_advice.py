from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from edgebin.doctor import Advice, advise, examine
from edgebin.machine.activity.processor import ProcessorUse
from edgebin.machine.process import Process
from edgebin.runtime.options import isas
from machine_trees import NAMES, plant, write

CPU = "sys/devices/system/cpu"
ZONE = "sys/class/thermal/thermal_zone0"


def advice(root: Path, process: Process, **environment: str) -> tuple[Advice, ...]:
    return advise(examine(root, process=process, environment=environment))


def topics(found: tuple[Advice, ...]) -> list[str]:
    """The word of each piece of advice that tells it from others."""
    words = {
        "EDGEBIN_ISA is": "wrong isa",
        "EDGEBIN_ISA holds": "lesser isa",
        "too weak now": "supply",
        "Heat slows": "heat",
        "close to where": "hot",
        "has 64 bits": "bits",
        "power mode is": "mode",
        "switched off": "off",
        "at the lowest": "lowest",
        "is limited": "limit",
        "memory are left": "memory",
        "Since boot": "past",
        "Alarms": "alarms",
        "Cores differ": "fast",
        "did not tell": "untold",
        "with the load": "moving",
        "wait for a core": "busy",
        "on average": "quota",
        "hypervisor": "steal",
        "of memory; a process": "limit of memory",
    }
    named = [[word for key, word in words.items() if key in one.text] for one in found]
    assert all(len(found) == 1 for found in named), named
    return [found[0] for found in named]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("raspberry-pi-3", ["supply", "bits", "moving"]),
        ("raspberry-pi-zero-2-w", ["memory", "past", "moving"]),
        ("raspberry-pi-4", []),
        ("raspberry-pi-5", ["heat", "moving"]),
        ("jetson-nano", ["mode", "moving"]),
        ("jetson-orin-nano", ["alarms", "moving"]),
        ("rock-pi-4", ["lowest", "limit", "hot", "fast"]),
        ("laptop", ["moving"]),
    ],
)
def test_each_machine_gets_its_advice_in_order(
    name: str, expected: list[str], tmp_path: Path
) -> None:
    assert topics(advice(tmp_path, plant(name, tmp_path))) == expected


def test_a_machine_that_tells_nothing_gets_none(tmp_path: Path) -> None:
    assert advice(tmp_path, Process("x86_64", 64, 1, "3.11.2")) == ()
    assert advice(tmp_path, Process("armv7l", 32, 1, "3.11.2")) == ()


def test_a_wrong_isa_comes_first(tmp_path: Path) -> None:
    found = advice(tmp_path, plant("raspberry-pi-3", tmp_path), EDGEBIN_ISA="sse9")
    assert topics(found) == ["wrong isa", "supply", "bits", "moving"]
    assert found[0].command == "unset EDGEBIN_ISA"
    assert all(name in found[0].text for name in ("sse9", *isas()))


@pytest.mark.skipif(len(isas()) < 2, reason="this machine has one instruction set")
def test_a_lesser_isa_is_named_with_the_best(tmp_path: Path) -> None:
    found = advice(tmp_path, plant("raspberry-pi-4", tmp_path), EDGEBIN_ISA="scalar")
    assert topics(found) == ["lesser isa"]
    assert isas()[0] in found[0].text
    assert advice(tmp_path, plant("raspberry-pi-4", tmp_path), EDGEBIN_ISA=isas()[0]) == ()


def test_python_of_32_bits_on_a_kernel_of_64(tmp_path: Path) -> None:
    plant("raspberry-pi-4", tmp_path)
    (only,) = advice(tmp_path, Process("aarch64", 32, 4, "3.11.2"))
    assert "this Python has 32" in only.text
    assert "Raspberry Pi Imager" in only.text
    (only,) = advice(tmp_path, Process("armv7l", 32, 4, "3.11.2"))
    assert "this system has 32" in only.text


def test_heat_beside_a_weak_supply(tmp_path: Path) -> None:
    process = plant("raspberry-pi-4", tmp_path)
    word = tmp_path / "sys/devices/platform/soc/soc:firmware/get_throttled"
    write(word, "7\n")
    assert topics(advice(tmp_path, process)) == ["supply"], "the cap follows from the supply"
    write(word, "f\n")
    assert topics(advice(tmp_path, process)) == ["supply", "heat"]
    write(word, "6\n")
    assert topics(advice(tmp_path, process)) == ["heat"]


@pytest.mark.parametrize(("celsius", "expected"), [(74, []), (76, ["hot"]), (151, [])])
def test_a_hot_board_without_a_limit(celsius: int, expected: list[str], tmp_path: Path) -> None:
    process = plant("raspberry-pi-4", tmp_path)
    write(tmp_path / ZONE / "temp", f"{celsius}000\n")
    assert topics(advice(tmp_path, process)) == expected


def test_a_board_with_a_limit_of_its_own(tmp_path: Path) -> None:
    process = plant("jetson-orin-nano", tmp_path)
    write(tmp_path / ZONE / "temp", "90000\n")
    assert "hot" not in topics(advice(tmp_path, process))
    write(tmp_path / ZONE / "temp", "95000\n")
    assert "hot" in topics(advice(tmp_path, process))


def test_what_the_firmware_does_not_tell_is_asked_for(tmp_path: Path) -> None:
    process = plant("raspberry-pi-5", tmp_path)
    (tmp_path / "usr/bin/vcgencmd").unlink()
    assert topics(advice(tmp_path, process)) == ["hot", "untold", "moving"]


def test_cores_off_without_a_known_mode(tmp_path: Path) -> None:
    process = plant("jetson-nano", tmp_path)
    (tmp_path / "etc/nvpmodel.conf").unlink()
    found = advice(tmp_path, process)
    assert topics(found) == ["off", "limit", "moving"]
    assert found[0].command == "sudo nvpmodel -p --verbose"


def test_siblings_that_are_off_on_a_pc_are_left_alone(tmp_path: Path) -> None:
    process = plant("laptop", tmp_path)
    write(tmp_path / f"{CPU}/online", "0-1\n")
    assert topics(advice(tmp_path, process)) == ["moving"]


def test_a_clock_that_stands_still_is_left_alone(tmp_path: Path) -> None:
    process = plant("jetson-orin-nano", tmp_path)
    for policy in (0, 4):  # what jetson_clocks does
        write(tmp_path / f"{CPU}/cpufreq/policy{policy}/scaling_min_freq", "1728000\n")
    assert topics(advice(tmp_path, process)) == ["alarms"]


def test_fast_cores_have_their_command(tmp_path: Path) -> None:
    process = plant("rock-pi-4", tmp_path)
    command = advice(tmp_path, process)[-1].command
    assert command == "taskset -c 4,5 edgebin bench MODEL --threads 2"
    (tmp_path / f"{CPU}/cpu5/cpu_capacity").unlink()
    assert "fast" not in topics(advice(tmp_path, process)), "one core's speed is unknown"


@pytest.mark.parametrize(("load", "expected"), [("16.04", ["busy"]), ("4.40", [])])
def test_a_load_above_the_cores(load: str, expected: list[str], tmp_path: Path) -> None:
    process = plant("raspberry-pi-4", tmp_path)
    write(tmp_path / "proc/loadavg", f"{load} 9.37 4.00 17/130 28576\n")
    found = advice(tmp_path, process)
    assert topics(found) == expected
    if expected:
        assert found[0].text.startswith("The load average is 16.0 on 4 cores, so")


@pytest.mark.parametrize(
    ("busy", "steal", "expected"),
    [(3.3, 0.0, ["busy"]), (3.1, 0.0, []), (1.0, 0.02, ["steal"]), (4.0, 0.5, ["busy", "steal"])],
)
def test_cores_that_others_use_now(
    busy: float, steal: float, expected: list[str], tmp_path: Path
) -> None:
    process = plant("raspberry-pi-4", tmp_path)
    report = examine(tmp_path, process=process, environment={})
    watched = replace(report, use=ProcessorUse(0.5, 4, busy, steal))
    assert topics(advise(watched)) == expected


def test_the_limits_of_a_container(tmp_path: Path) -> None:
    process = plant("raspberry-pi-4", tmp_path)
    write(tmp_path / "proc/self/cgroup", "0::/\n")
    write(tmp_path / "sys/fs/cgroup/cpu.max", "50000 100000\n")
    write(tmp_path / "sys/fs/cgroup/memory.max", "268435456\n")
    quota, memory = advice(tmp_path, process)
    assert topics((quota, memory)) == ["quota", "limit of memory"]
    assert "allows 0.5 of 4 cores" in quota.text
    assert quota.text.endswith("use at most 1 thread.")
    assert "allows 268 of 3975 MB" in memory.text
    write(tmp_path / "sys/fs/cgroup/cpu.max", "400000 100000\n")
    write(tmp_path / "sys/fs/cgroup/memory.max", "9000000000\n")
    assert advice(tmp_path, process) == ()


@pytest.mark.parametrize("name", NAMES)
def test_commands_are_commands(name: str, tmp_path: Path) -> None:
    for one in advice(tmp_path, plant(name, tmp_path), EDGEBIN_ISA="sse9"):
        assert one.text[0].isupper()
        if one.command:
            subprocess.run(["sh", "-n", "-c", one.command], check=True)
