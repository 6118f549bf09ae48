from __future__ import annotations

from pathlib import Path

import pytest

from edgebin.machine.heat import Zone, cooling, processor_zone, zones
from machine_trees import plant, write


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("raspberry-pi-4", Zone("cpu-thermal", 48.199, None)),
        ("jetson-nano", Zone("CPU-therm", 34.0, None)),
        ("jetson-orin-nano", Zone("cpu-thermal", 51.687, 99.0)),
        ("rock-pi-4", Zone("cpu", 66.111, 70.0)),
        ("laptop", Zone("x86_pkg_temp", 45.0, None)),
    ],
)
def test_the_zone_of_the_processor(name: str, zone: Zone, tmp_path: Path) -> None:
    plant(name, tmp_path)
    found = processor_zone(zones(tmp_path))
    assert found is not None
    assert found.name == zone.name
    assert found.celsius == pytest.approx(zone.celsius)
    assert found.limit_celsius == zone.limit_celsius


def test_zones_come_in_order_and_an_impossible_temperature_is_unknown(tmp_path: Path) -> None:
    plant("jetson-orin-nano", tmp_path)
    found = {zone.name: zone.celsius for zone in zones(tmp_path)}
    assert list(found) == ["cpu-thermal", "gpu-thermal", "cv0-thermal", "tj-thermal"]
    assert found["cv0-thermal"] is None


def test_the_first_zone_stands_for_a_processor_without_one(tmp_path: Path) -> None:
    write(tmp_path / "sys/class/thermal/thermal_zone0/type", "soc\n")
    write(tmp_path / "sys/class/thermal/thermal_zone1/temp", "40000\n")
    zone = processor_zone(zones(tmp_path))
    assert zone == Zone("thermal_zone1", 40.0, None), "the first has no value"
    assert processor_zone(()) is None


def test_cooling_devices_of_one_type_count_once(tmp_path: Path) -> None:
    for index, state in enumerate((0, 3, 1)):
        folder = tmp_path / f"sys/class/thermal/cooling_device{index}"
        write(folder / "type", "Processor\n")
        write(folder / "cur_state", f"{state}\n")
    assert cooling(tmp_path) == {"Processor": 3}
