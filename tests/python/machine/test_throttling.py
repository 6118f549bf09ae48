from __future__ import annotations

from pathlib import Path

import pytest

from edgebin.machine.board import board
from edgebin.machine.throttling import Throttling, throttling
from machine_trees import plant, write

ALERTS = "sys/class/thermal/cooling_device"


def of(root: Path) -> Throttling:
    return throttling(root, board(root))


@pytest.mark.parametrize(
    ("name", "now", "since_boot"),
    [
        ("raspberry-pi-3", ("under_voltage", "throttled"), ("under_voltage", "throttled")),
        ("raspberry-pi-zero-2-w", (), ("under_voltage", "throttled")),
        ("raspberry-pi-4", (), None),
        (
            "raspberry-pi-5",
            ("soft_temperature_limit",),
            ("frequency_capped", "throttled", "soft_temperature_limit"),
        ),
        ("jetson-nano", None, None),
        ("jetson-orin-nano", (), None),
        ("rock-pi-4", (), None),
        ("laptop", None, None),
    ],
)
def test_now_and_since_boot(
    name: str,
    now: tuple[str, ...] | None,
    since_boot: tuple[str, ...] | None,
    tmp_path: Path,
) -> None:
    plant(name, tmp_path)
    found = of(tmp_path)
    assert (found.now, found.since_boot) == (now, since_boot)


def test_the_alarm_of_the_supply_counts_without_the_word(tmp_path: Path) -> None:
    plant("raspberry-pi-5", tmp_path)
    (tmp_path / "usr/bin/vcgencmd").unlink()
    assert of(tmp_path).now is None, "a good supply does not tell of heat"
    write(tmp_path / "sys/class/hwmon/hwmon2/in0_lcrit_alarm", "1\n")
    assert of(tmp_path).now == ("under_voltage",)
    assert of(tmp_path).by_supply


def test_alerts_of_a_jetson(tmp_path: Path) -> None:
    plant("jetson-orin-nano", tmp_path)
    assert "pwm-fan" not in of(tmp_path).alerts
    write(tmp_path / f"{ALERTS}4/cur_state", "1\n")
    assert of(tmp_path).now == (), "a hot surface slows nothing"
    write(tmp_path / f"{ALERTS}2/cur_state", "1\n")
    write(tmp_path / f"{ALERTS}1/cur_state", "7\n")
    assert of(tmp_path).now == ("cpufreq-cpu0", "cpu-throttle-alert")


def test_vcgencmd_is_run_on_a_raspberry_pi_alone(tmp_path: Path) -> None:
    plant("laptop", tmp_path)
    ran = tmp_path / "ran"
    write(tmp_path / "usr/bin/vcgencmd", f"#!/bin/sh\ntouch {ran}; echo throttled=0x1\n")
    assert of(tmp_path).now is None
    assert not ran.exists()
