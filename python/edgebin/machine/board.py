"""The board or computer: names from the device tree, or else from the firmware of a PC."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import entries, line, strings

_TREE = "proc/device-tree"
_NVIDIA_FAMILY = "nvidia,tegra23x"  # stands behind the chip's own name in older Orin trees


@dataclass(frozen=True, slots=True)
class Board:
    """A board.

    Args:
        model: its name, such as "Raspberry Pi 4 Model B Rev 1.4".
        soc: the chip, as the device tree names it, such as "brcm,bcm2711".
        compatible: all that the device tree calls the board, from board to chip.
    """

    model: str | None
    soc: str | None
    compatible: tuple[str, ...]

    @property
    def is_raspberry_pi(self) -> bool:
        """Whether it says that it is a Raspberry Pi."""
        named = any(name.startswith("raspberrypi,") for name in self.compatible)
        return named or (self.model or "").startswith("Raspberry Pi")

    @property
    def is_jetson(self) -> bool:
        """Whether it says that it has one of NVIDIA's Tegra chips."""
        return any(name.startswith("nvidia,tegra") for name in self.compatible)


def board(root: Path) -> Board:
    """Return the board that the files under `root` describe."""
    compatible = strings(root / _TREE / "compatible")
    chips = [name for name in compatible if name != _NVIDIA_FAMILY]
    return Board(
        model=tree_model(root) or _firmware_name(root / "sys/class/dmi/id"),
        soc=chips[-1] if chips else None,
        compatible=compatible,
    )


def tree_model(root: Path) -> str | None:
    """Return the board's name in the device tree."""
    return line(root / _TREE / "model")


def processor_model(root: Path) -> str | None:
    """Return what /proc/cpuinfo calls the first processor's model."""
    return next((v for k, v in entries(root / "proc/cpuinfo") if k == "model name" and v), None)


def _firmware_name(folder: Path) -> str | None:
    """Return vendor and product as DMI names them."""
    vendor, product = line(folder / "sys_vendor"), line(folder / "product_name")
    return " ".join(part for part in (vendor, product) if part) or None
