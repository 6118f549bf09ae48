from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edgebin.machine import look
from machine_trees import plant, write


@pytest.mark.parametrize(
    ("name", "cpu", "governor", "mhz", "celsius", "throttled"),
    [
        ("raspberry-pi-3", "Raspberry Pi 3 Model B Rev 1.2", "ondemand", 600.0, 52.616, True),
        ("raspberry-pi-4", "Raspberry Pi 4 Model B Rev 1.4", "performance", 1800.0, 48.199, False),
        ("raspberry-pi-5", "Raspberry Pi 5 Model B Rev 1.0", "ondemand", 2400.0, 82.65, True),
        ("jetson-nano", "NVIDIA Jetson Nano Developer Kit", "schedutil", 518.4, 34.0, None),
        ("laptop", "Intel(R) Core(TM) i5-7200U CPU @ 2.50GHz", "powersave", 800.031, 45.0, None),
    ],
)
def test_a_machine_is_read_from_its_files(
    name: str,
    cpu: str,
    governor: str,
    mhz: float,
    celsius: float,
    throttled: bool | None,
    tmp_path: Path,
) -> None:
    plant(name, tmp_path)
    machine = look(tmp_path)
    assert (machine.cpu, machine.governor, machine.throttled) == (cpu, governor, throttled)
    assert (machine.clock_mhz, machine.temperature_c) == pytest.approx((mhz, celsius))


def test_bits_of_the_past_are_not_now(tmp_path: Path) -> None:
    plant("raspberry-pi-4", tmp_path)
    word = tmp_path / "sys/devices/platform/soc/soc:firmware/get_throttled"
    write(word, "50004\n")
    assert look(tmp_path).throttled is True
    write(word, "50000\n")
    assert look(tmp_path).throttled is False


def test_a_machine_that_tells_nothing_is_unknown(tmp_path: Path) -> None:
    machine = look(tmp_path)
    assert (machine.cpu, machine.governor, machine.clock_mhz) == (None, None, None)
    assert (machine.temperature_c, machine.throttled) == (None, None)
    assert machine.cores >= 1


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_this_machine_is_told_apart_from_an_empty_one(tmp_path: Path) -> None:
    assert look().architecture == look(tmp_path).architecture
    assert look().cpu is not None
