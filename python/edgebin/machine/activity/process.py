"""What the system has given this process: CPU time, context switches, and waiting for a core."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import line, numbered, whole

_PROCESSOR = 36  # of the fields of a thread's stat behind its name: the core that it ran on last


@dataclass(frozen=True, slots=True)
class ProcessTime:
    """Counters of the running process, all its threads together.

    Args:
        cpu_seconds: user and system time.
        voluntary_switches: how often a thread gave up its core to wait for something.
        involuntary_switches: how often the kernel took a thread's core for another task.
        waited_seconds: time in which a thread of this moment could run, but had no core; None where
            the kernel does not tell.
    """

    cpu_seconds: float
    voluntary_switches: int
    involuntary_switches: int
    waited_seconds: float | None

    def since(self, before: ProcessTime) -> ProcessTime:
        """Return what has been counted since an earlier moment; none is below zero."""
        known = self.waited_seconds is not None and before.waited_seconds is not None
        waited = (self.waited_seconds or 0.0) - (before.waited_seconds or 0.0)
        return ProcessTime(
            cpu_seconds=max(0.0, self.cpu_seconds - before.cpu_seconds),
            voluntary_switches=self.voluntary_switches - before.voluntary_switches,
            involuntary_switches=self.involuntary_switches - before.involuntary_switches,
            waited_seconds=max(0.0, waited) if known else None,
        )


def process_time(root: Path) -> ProcessTime:
    """Return the counters of this process; the time of waiting is read under `root`."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return ProcessTime(
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        voluntary_switches=usage.ru_nvcsw,
        involuntary_switches=usage.ru_nivcsw,
        waited_seconds=_waited(root),
    )


def resident_memory(root: Path) -> int | None:
    """Return the resident memory of this process now, in bytes."""
    fields = (line(root / "proc/self/statm") or "").split()
    pages = whole(fields[1]) if len(fields) > 1 else None
    return None if pages is None or pages < 0 else pages * resource.getpagesize()


def cores_in_use(root: Path, *, without_thread: int | None = None) -> frozenset[int]:
    """Return the cores on which threads of this process run now.

    Args:
        root: where /proc is.
        without_thread: number of a thread that does not count, such as one that only looks.
    """
    cores = set()
    for thread, folder in numbered(root / "proc/self/task", ""):
        # The name before the last bracket may hold anything; behind it, state is the first field.
        fields = (line(folder / "stat") or "").rpartition(")")[2].split()
        if thread == without_thread or len(fields) <= _PROCESSOR or fields[0] != "R":
            continue
        core = whole(fields[_PROCESSOR])
        if core is not None and core >= 0:
            cores.add(core)
    return frozenset(cores)


def _waited(root: Path) -> float | None:
    """Return the seconds in which threads waited for a core: the second number of schedstat."""
    nanoseconds = []
    for _, folder in numbered(root / "proc/self/task", ""):
        fields = (line(folder / "schedstat") or "").split()
        waited = whole(fields[1]) if len(fields) > 1 else None
        if waited is not None:  # a thread may end at any moment
            nanoseconds.append(waited)
    return sum(nanoseconds) / 1e9 if nanoseconds else None
