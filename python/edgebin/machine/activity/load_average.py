"""The kernel's load average: tasks that run or wait to run, averaged over 1, 5 and 15 minutes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import line

_LINE = re.compile(r"([0-9]{1,7}\.[0-9]{1,4}) ([0-9]{1,7}\.[0-9]{1,4}) ([0-9]{1,7}\.[0-9]{1,4}) .*")


@dataclass(frozen=True, slots=True)
class LoadAverage:
    """Load averages of the whole machine.

    Args:
        one_minute: tasks that run, wait for a core or for a disk, averaged over a minute.
        five_minutes: the same over five minutes.
        fifteen_minutes: the same over fifteen minutes.
    """

    one_minute: float
    five_minutes: float
    fifteen_minutes: float


def load_average(root: Path) -> LoadAverage | None:
    """Return the load averages that the files under `root` report."""
    match = _LINE.fullmatch(line(root / "proc/loadavg") or "")
    return LoadAverage(*map(float, match.groups())) if match else None
