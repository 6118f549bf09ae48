from __future__ import annotations

from pathlib import Path

import pytest

from edgebin.machine.activity.energy import EnergyUse, energy_use, read_energy
from machine_trees import write

RAPL = "sys/class/powercap"
HWMON = "sys/class/hwmon"


def plant_rapl(root: Path, microjoules: int) -> None:
    write(root / f"{RAPL}/intel-rapl:0/name", "package-0\n")
    write(root / f"{RAPL}/intel-rapl:0/energy_uj", f"{microjoules}\n")
    write(root / f"{RAPL}/intel-rapl:0/max_energy_range_uj", "262143328850\n")
    write(root / f"{RAPL}/intel-rapl:0:0/name", "core\n")
    write(root / f"{RAPL}/intel-rapl:0:0/energy_uj", "1\n")
    write(root / f"{RAPL}/intel-rapl/enabled", "1\n")


def test_the_counter_of_a_package(tmp_path: Path) -> None:
    plant_rapl(tmp_path, 1_000_000)
    before = read_energy(tmp_path)
    plant_rapl(tmp_path, 31_000_000)
    after = read_energy(tmp_path)
    assert energy_use(before, after, (), 2.0) == (EnergyUse("rapl package-0", 30.0, 15.0),)


def test_a_counter_that_has_started_again(tmp_path: Path) -> None:
    plant_rapl(tmp_path, 262_143_328_850 - 2_000_000)
    before = read_energy(tmp_path)
    plant_rapl(tmp_path, 3_000_000)
    (use,) = energy_use(before, read_energy(tmp_path), (), 1.0)
    assert use.joules == pytest.approx(5.0)


def test_power_is_averaged_over_samples(tmp_path: Path) -> None:
    """A Jetson's monitor of three rails; two of them have labels."""
    readings = []
    for watts in (2, 6, 4):
        write(tmp_path / f"{HWMON}/hwmon3/name", "ina3221\n")
        write(tmp_path / f"{HWMON}/hwmon3/power1_label", "VDD_IN\n")
        write(tmp_path / f"{HWMON}/hwmon3/power1_input", f"{watts}000000\n")
        readings.append(read_energy(tmp_path))
    (use,) = energy_use(readings[0], readings[2], [readings[1]], 3.0)
    assert use == EnergyUse("hwmon ina3221 VDD_IN", 12.0, 4.0)


def test_voltage_and_current_make_power(tmp_path: Path) -> None:
    """An Orin tells both of a rail; of a channel without current nothing is known."""
    folder = tmp_path / f"{HWMON}/hwmon4"
    write(folder / "name", "ina3221\n")
    write(folder / "in1_label", "VDD_IN\n")
    write(folder / "in1_input", "5040\n")
    write(folder / "curr1_input", "1200\n")
    write(folder / "in2_input", "5000\n")
    assert read_energy(tmp_path).watts == {"hwmon ina3221 VDD_IN": pytest.approx(6.048)}
    write(folder / "curr1_input", "-3\n")
    assert read_energy(tmp_path).watts == {}


def test_a_counter_of_hwmon(tmp_path: Path) -> None:
    write(tmp_path / f"{HWMON}/hwmon0/energy1_input", "5000000\n")
    before = read_energy(tmp_path)
    write(tmp_path / f"{HWMON}/hwmon0/energy1_input", "7500000\n")
    assert energy_use(before, read_energy(tmp_path), (), 1.0) == (
        EnergyUse("hwmon hwmon0 energy1", 2.5, 2.5),
    )


def test_garbage_and_what_only_root_may_read_are_unknown(tmp_path: Path) -> None:
    assert read_energy(tmp_path).counters == {}
    write(tmp_path / f"{RAPL}/intel-rapl:0/name", "package-0\n")
    write(tmp_path / f"{RAPL}/intel-rapl:1/energy_uj", "much\n")
    write(tmp_path / f"{HWMON}/hwmon0/power1_input", "-5\n")
    found = read_energy(tmp_path)
    assert (found.counters, found.watts) == ({}, {})
    assert energy_use(found, found, (), 0.0) == ()
