"""Limits of the control group that this process is in: processor time and memory.

Both versions of control groups are read; a machine may have both at once. The path in
/proc/self/cgroup is followed up to the root, and the tightest limit on the way counts. In a
container the mounted root may be the process's own group and the path one of the host's, of which
nothing is there: then the root has the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import line, lines, number, whole

_MOUNT = "sys/fs/cgroup"
_UNLIMITED_BYTES = 1 << 60  # version 1 writes almost 2^63 where there is no limit


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """Limits of a process, and how often it hit that of its processor time.

    Args:
        cpu_quota: cores that it may use on average, such as 0.5; None without a limit.
        memory_limit: bytes that it may use; None without a limit.
        throttled_periods: how often the group was stopped because its quota was used up, since it
            was made; None where the system does not count it.
        throttled_seconds: for how long altogether.
    """

    cpu_quota: float | None
    memory_limit: int | None
    throttled_periods: int | None
    throttled_seconds: float | None


def control_group(root: Path) -> ControlGroup:
    """Return the limits that the files under `root` describe."""
    cpu, memory = list(_folders(root, "cpu")), list(_folders(root, "memory"))
    quotas = [quota for quota in map(_quota, cpu) if quota is not None]
    limits = [limit for limit in map(_memory_limit, memory) if limit is not None]
    throttled = [counts for counts in map(_throttled, cpu) if counts is not None]
    return ControlGroup(
        cpu_quota=min(quotas, default=None),
        memory_limit=min(limits, default=None),
        throttled_periods=sum(periods for periods, _ in throttled) if throttled else None,
        throttled_seconds=sum(seconds for _, seconds in throttled) if throttled else None,
    )


def _folders(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of a controller from the process's group up to the root."""
    mount = root / _MOUNT
    for entry in lines(root / "proc/self/cgroup"):
        number_, _, rest = entry.partition(":")
        names, _, path = rest.partition(":")
        if not names and number_ == "0":  # version 2 has one hierarchy for all controllers
            yield from _up(mount, path)
            yield from _up(mount / "unified", path)
        elif controller in names.split(","):
            yield from _up(mount / (names if (mount / names).is_dir() else controller), path)


def _up(mount: Path, path: str) -> Iterator[Path]:
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    for length in range(len(parts), -1, -1):
        yield mount.joinpath(*parts[:length])


def _quota(folder: Path) -> float | None:
    words = (line(folder / "cpu.max") or "").split()
    if len(words) == 2:
        quota, period = whole(words[0]), whole(words[1])
    else:
        quota, period = number(folder / "cpu.cfs_quota_us"), number(folder / "cpu.cfs_period_us")
    if quota is None or period is None or quota <= 0 or period <= 0:
        return None  # "max" in version 2, -1 in version 1
    return quota / period


def _memory_limit(folder: Path) -> int | None:
    limits = [number(folder / name) for name in ("memory.max", "memory.limit_in_bytes")]
    known = [limit for limit in limits if limit is not None and 0 < limit < _UNLIMITED_BYTES]
    return min(known, default=None)


def _throttled(folder: Path) -> tuple[int, float] | None:
    """Return how often and for how many seconds a group was stopped."""
    rows = (entry.split() for entry in lines(folder / "cpu.stat"))
    counts = {row[0]: whole(row[1]) for row in rows if len(row) == 2}
    periods = counts.get("nr_throttled")
    if periods is None or periods < 0:
        return None
    microseconds, nanoseconds = counts.get("throttled_usec"), counts.get("throttled_time")
    if microseconds is not None:
        return periods, max(0, microseconds) / 1e6
    return periods, max(0, nanoseconds or 0) / 1e9
