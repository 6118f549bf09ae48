"""Clocks of the cores from cpufreq: governor, current frequency and limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import core_list, line, numbered, scaled

_CPUS = "sys/devices/system/cpu"
_MHZ = 1e-3  # files are in kHz


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that some cores share.

    Args:
        cores: their numbers; empty where the system does not tell.
        driver: such as "cpufreq-dt".
        governor: what sets the frequency, such as "ondemand".
        mhz: now.
        lowest_mhz: the lowest that the governor may choose.
        highest_mhz: the highest that it may choose.
        possible_lowest_mhz: the lowest that the hardware has.
        possible_highest_mhz: the highest that the hardware has.
    """

    cores: tuple[int, ...]
    driver: str | None
    governor: str | None
    mhz: float | None
    lowest_mhz: float | None
    highest_mhz: float | None
    possible_lowest_mhz: float | None
    possible_highest_mhz: float | None

    @property
    def is_fixed(self) -> bool:
        """Whether the governor has one frequency to choose from."""
        return self.lowest_mhz is not None and self.lowest_mhz == self.highest_mhz


def clocks(root: Path) -> tuple[Clock, ...]:
    """Return the clocks that the files under `root` describe, by their first core."""
    folders = [path for _, path in numbered(root / _CPUS / "cpufreq", "policy")]
    if not folders:  # older kernels have a folder for each core alone
        folders = [path / "cpufreq" for _, path in numbered(root / _CPUS, "cpu")]
    found = (_clock(folder) for folder in folders)
    return tuple(clock for clock in found if clock.governor or clock.mhz or clock.highest_mhz)


def _clock(folder: Path) -> Clock:
    named = folder.parent.name.removeprefix("cpu")
    return Clock(
        cores=core_list(line(folder / "affected_cpus")) or core_list(named),
        driver=line(folder / "scaling_driver"),
        governor=line(folder / "scaling_governor"),
        mhz=scaled(folder / "scaling_cur_freq", _MHZ),
        lowest_mhz=scaled(folder / "scaling_min_freq", _MHZ),
        highest_mhz=scaled(folder / "scaling_max_freq", _MHZ),
        possible_lowest_mhz=scaled(folder / "cpuinfo_min_freq", _MHZ),
        possible_highest_mhz=scaled(folder / "cpuinfo_max_freq", _MHZ),
    )
