"""Energy and power of the machine: RAPL of Intel and AMD, and sensors of hwmon.

A counter of energy is the difference of two moments; RAPL's starts again at zero after
`max_energy_range_uj`. Boards often have sensors of power instead, whose samples are averaged. All
measure the machine or a part of it, whoever uses it. Newer kernels let root alone read RAPL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import line, number, numbered

_RAPL = "sys/class/powercap"
_HWMON = "sys/class/hwmon"
_PACKAGE = re.compile(r"intel-rapl:[0-9]{1,3}")  # a package; parts have one more number
_MICRO = 1e-6  # files are in microjoules and microwatts


@dataclass(frozen=True, slots=True)
class EnergyCounter:
    """A counter of energy.

    Args:
        joules: now.
        range_joules: where it starts again at zero; None where that is not known.
    """

    joules: float
    range_joules: float | None


@dataclass(frozen=True, slots=True)
class EnergyReading:
    """All counters and sensors at one moment, by name of the source.

    Args:
        counters: such as "rapl package-0" or "hwmon ina3221 energy1".
        watts: power now, such as "hwmon ina3221 power1".
    """

    counters: Mapping[str, EnergyCounter]
    watts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class EnergyUse:
    """The energy that one source measured between two moments.

    Args:
        source: its name.
        joules: counted, or power times seconds.
        watts: on average.
    """

    source: str
    joules: float
    watts: float


def read_energy(root: Path) -> EnergyReading:
    """Return what the files under `root` report."""
    return EnergyReading(
        counters={**_rapl(root), **_hwmon_counters(root)}, watts=_hwmon_watts(root)
    )


def energy_use(
    before: EnergyReading, after: EnergyReading, during: Sequence[EnergyReading], seconds: float
) -> tuple[EnergyUse, ...]:
    """Return the energy of each source between two moments.

    Args:
        before: the first moment.
        after: the last one.
        during: moments between them; power is averaged over all.
        seconds: from the first to the last moment.
    """
    if seconds <= 0:
        return ()
    counted = {
        name: _passed(before.counters[name], counter)
        for name, counter in after.counters.items()
        if name in before.counters
    }
    samples = [reading.watts for reading in (before, *during, after)]
    averaged = {name: _mean([w[name] for w in samples if name in w]) for name in after.watts}
    return (
        *(EnergyUse(name, joules, joules / seconds) for name, joules in counted.items()),
        *(EnergyUse(name, watts * seconds, watts) for name, watts in averaged.items()),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _passed(before: EnergyCounter, after: EnergyCounter) -> float:
    """Return the joules between two values of a counter, which may have started again once."""
    if after.joules >= before.joules:
        return after.joules - before.joules
    return max(0.0, (after.range_joules or before.joules) - before.joules + after.joules)


def _rapl(root: Path) -> dict[str, EnergyCounter]:
    found = {}
    try:
        zones = sorted(path for path in (root / _RAPL).iterdir() if _PACKAGE.fullmatch(path.name))
    except OSError:
        return {}
    for zone in zones:
        energy, most = number(zone / "energy_uj"), number(zone / "max_energy_range_uj")
        if energy is not None and energy >= 0:
            name = f"rapl {line(zone / 'name') or zone.name}"
            limit = most * _MICRO if most is not None and most > 0 else None
            found[name] = EnergyCounter(energy * _MICRO, limit)
    return found


def _hwmon_counters(root: Path) -> dict[str, EnergyCounter]:
    return {name: EnergyCounter(value, None) for name, value in _inputs(root, "energy").items()}


def _hwmon_watts(root: Path) -> dict[str, float]:
    """Return power as sensors tell it, or voltage times current where they tell only these.

    So does the monitor ina3221 of a Jetson, whose channels have one number for both.
    """
    found = _inputs(root, "power")
    for _, folder in numbered(root / _HWMON, "hwmon"):
        chip = line(folder / "name") or folder.name
        for index in range(1, 17):
            volts = number(folder / f"in{index}_input")
            amperes = number(folder / f"curr{index}_input")
            if volts is None or amperes is None or min(volts, amperes) < 0:
                continue
            label = line(folder / f"in{index}_label") or f"in{index}"
            found.setdefault(f"hwmon {chip} {label}", volts * amperes * _MICRO)  # mV and mA
    return found


def _inputs(root: Path, kind: str) -> dict[str, float]:
    """Return the values of all sensors of one kind, by chip and label."""
    found: dict[str, float] = {}
    for _, folder in numbered(root / _HWMON, "hwmon"):
        chip = line(folder / "name") or folder.name
        for index in range(1, 17):
            value = number(folder / f"{kind}{index}_input")
            if value is not None and value >= 0:
                label = line(folder / f"{kind}{index}_label") or f"{kind}{index}"
                name = f"hwmon {chip} {label}"
                found[name if name not in found else f"{name} ({folder.name})"] = value * _MICRO
    return found
