"""What only NVIDIA's Jetson boards have: power modes, and counters of supply alarms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import lines, number, numbered, text

_MODE = re.compile(r"<\s*POWER_MODEL\s+ID=([0-9]{1,4})\s+NAME=(\S+)\s*>")
_STATUS = re.compile(r"^pmode:([0-9]{1,4})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PowerMode:
    """The power mode that nvpmodel has set.

    Args:
        number: what `nvpmodel -m` takes.
        name: such as "MAXN".
        choices: all modes of this board, name by number.
    """

    number: int
    name: str | None
    choices: dict[int, str]

    @property
    def unlimited(self) -> int | None:
        """Number of the mode without limits, NVIDIA's MAXN, where there is one."""
        return next((n for n, name in self.choices.items() if name.startswith("MAXN")), None)


def power_mode(root: Path) -> PowerMode | None:
    """Return the power mode that the files under `root` describe."""
    status = _STATUS.search(text(root / "var/lib/nvpmodel/status") or "")
    if not status:
        return None
    found = map(_MODE.match, lines(root / "etc/nvpmodel.conf"))
    choices = {int(match[1]): match[2] for match in found if match}
    chosen = int(status[1])
    return PowerMode(chosen, choices.get(chosen), choices)


def supply_events(root: Path) -> dict[str, int]:
    """Return how often each alarm of the supply (voltage or current) slowed the board since boot.

    By name of the alarm: "oc1", "oc2" and so on; empty where the board does not tell.
    """
    found = {}
    for _, folder in numbered(root / "sys/class/hwmon", "hwmon"):
        for alarm in range(1, 9):
            count = number(folder / f"oc{alarm}_event_cnt")
            if count is not None:
                found[f"oc{alarm}"] = count
    return found
