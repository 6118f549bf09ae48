"""The running process; the only facts that are not read from files."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """The running process.

    Args:
        architecture: as `uname -m` says.
        bits: of its addresses, 32 or 64.
        cores: that it may use.
        python: version.
    """

    architecture: str
    bits: int
    cores: int
    python: str


def this_process() -> Process:
    """Return the description of the running process."""
    return Process(
        architecture=platform.machine(),
        bits=64 if sys.maxsize > 2**32 else 32,
        cores=usable_cores(),
        python=platform.python_version(),
    )


def usable_cores() -> int:
    """CPUs that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
