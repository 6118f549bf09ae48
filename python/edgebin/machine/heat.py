"""Temperatures and the kernel's cooling devices, from /sys/class/thermal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import line, number, numbered, scaled

_FOLDER = "sys/class/thermal"
_PLAUSIBLE = (-40.0, 150.0)  # a sensor that is switched off may show -256 °C
_LIMITS = ("passive", "hot")


@dataclass(frozen=True, slots=True)
class Zone:
    """A thermal zone.

    Args:
        name: its type, such as "cpu-thermal".
        celsius: its temperature now.
        limit_celsius: the temperature from which on the kernel slows the machine.
    """

    name: str
    celsius: float | None
    limit_celsius: float | None


def zones(root: Path) -> tuple[Zone, ...]:
    """Return the thermal zones that the files under `root` describe."""
    folders = numbered(root / _FOLDER, "thermal_zone")
    return tuple(
        Zone(
            name=line(folder / "type") or folder.name,
            celsius=_celsius(folder / "temp"),
            limit_celsius=_limit(folder),
        )
        for _, folder in folders
    )


def processor_zone(zones: tuple[Zone, ...]) -> Zone | None:
    """Return the zone of the processor, by its name, or else the first; one that has a value."""
    measured = [zone for zone in zones if zone.celsius is not None]
    named = [zone for zone in measured if zone.name.lower().startswith(("cpu", "x86_pkg"))]
    return next(iter(named or measured), None)


def cooling(root: Path) -> dict[str, int]:
    """Return the state of each cooling device by its type; 0 is at rest, more is slower."""
    states: dict[str, int] = {}
    for _, folder in numbered(root / _FOLDER, "cooling_device"):
        name, state = line(folder / "type"), number(folder / "cur_state")
        if name is not None and state is not None:
            states[name] = max(state, states.get(name, 0))
    return states


def _celsius(path: Path) -> float | None:
    celsius = scaled(path, 1e-3)
    low, high = _PLAUSIBLE
    return celsius if celsius is not None and low <= celsius <= high else None


def _limit(folder: Path) -> float | None:
    """Return the lowest trip point at which the kernel slows something down."""
    limits = []
    for index in range(16):
        kind = line(folder / f"trip_point_{index}_type")
        celsius = _celsius(folder / f"trip_point_{index}_temp") if kind in _LIMITS else None
        if celsius is not None and celsius > 0:  # 0 stands for one that is not set
            limits.append(celsius)
    return min(limits, default=None)
