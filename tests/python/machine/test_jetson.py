from __future__ import annotations

from pathlib import Path

from edgebin.machine.jetson import PowerMode, power_mode, supply_events
from machine_trees import plant, write


def test_the_mode_has_its_name(tmp_path: Path) -> None:
    plant("jetson-nano", tmp_path)
    mode = power_mode(tmp_path)
    assert mode == PowerMode(1, "5W", {0: "MAXN", 1: "5W"}), "comments name no modes"
    assert mode.unlimited == 0


def test_the_largest_mode_is_not_always_the_first(tmp_path: Path) -> None:
    plant("jetson-orin-nano", tmp_path)
    mode = power_mode(tmp_path)
    assert mode is not None
    assert (mode.number, mode.name, mode.unlimited) == (2, "MAXN_SUPER", 2)


def test_a_mode_without_a_list_has_no_name(tmp_path: Path) -> None:
    write(tmp_path / "var/lib/nvpmodel/status", "pmode:0003\n")
    mode = power_mode(tmp_path)
    assert mode == PowerMode(3, None, {})
    assert mode.unlimited is None
    write(tmp_path / "var/lib/nvpmodel/status", "pmode:x\n")
    assert power_mode(tmp_path) is None


def test_events_are_counted_by_alarm(tmp_path: Path) -> None:
    assert supply_events(tmp_path) == {}
    plant("jetson-orin-nano", tmp_path)
    assert supply_events(tmp_path) == {"oc1": 0, "oc2": 0, "oc3": 12}
