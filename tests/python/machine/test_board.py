from __future__ import annotations

from pathlib import Path

import pytest

from edgebin.machine.board import Board, board
from machine_trees import plant, write


@pytest.mark.parametrize(
    ("name", "model", "soc"),
    [
        ("raspberry-pi-3", "Raspberry Pi 3 Model B Rev 1.2", "brcm,bcm2837"),
        ("raspberry-pi-zero-2-w", "Raspberry Pi Zero 2 W Rev 1.0", "brcm,bcm2837"),
        ("raspberry-pi-4", "Raspberry Pi 4 Model B Rev 1.4", "brcm,bcm2711"),
        ("raspberry-pi-5", "Raspberry Pi 5 Model B Rev 1.0", "brcm,bcm2712"),
        ("jetson-nano", "NVIDIA Jetson Nano Developer Kit", "nvidia,tegra210"),
        (
            "jetson-orin-nano",
            "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super",
            "nvidia,tegra234",
        ),
        ("rock-pi-4", "Radxa ROCK Pi 4B", "rockchip,rk3399"),
        ("laptop", "LENOVO 20HN0016GE", None),
    ],
)
def test_board_and_chip(name: str, model: str, soc: str | None, tmp_path: Path) -> None:
    plant(name, tmp_path)
    found = board(tmp_path)
    assert (found.model, found.soc) == (model, soc)
    assert found.is_raspberry_pi == name.startswith("raspberry")
    assert found.is_jetson == name.startswith("jetson")


def test_an_empty_tree_tells_nothing(tmp_path: Path) -> None:
    assert board(tmp_path) == Board(None, None, ())


def test_a_name_alone_tells_a_raspberry_pi(tmp_path: Path) -> None:
    write(tmp_path / "proc/device-tree/model", "Raspberry Pi 400 Rev 1.0\0")
    assert board(tmp_path).is_raspberry_pi
