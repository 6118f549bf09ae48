"""The software of a machine: operating system, kernel, and the Python that runs edgebin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import line, lines
from edgebin.machine.process import Process

# As `uname -m` starts; armv8l is what a 64-bit kernel calls itself to a program of 32 bits.
_KERNELS_OF_32_BITS = ("armv6", "armv7", "i386", "i486", "i586", "i686")


@dataclass(frozen=True, slots=True)
class System:
    """Operating system and process.

    Args:
        name: such as "Debian GNU/Linux 12 (bookworm)".
        kernel: release, such as "6.6.31+rpt-rpi-v8".
        process: the running process.
    """

    name: str | None
    kernel: str | None
    process: Process

    @property
    def kernel_has_32_bits(self) -> bool:
        """Whether the kernel has 32 bits."""
        return self.process.architecture.startswith(_KERNELS_OF_32_BITS)

    @property
    def has_32_bits(self) -> bool:
        """Whether kernel or Python have 32 bits."""
        return self.process.bits == 32 or self.kernel_has_32_bits


def system(root: Path, process: Process) -> System:
    """Return the system that the files under `root` describe, with a process that runs on it."""
    named = [found for found in lines(root / "etc/os-release") if found.startswith("PRETTY_NAME=")]
    return System(
        name=named[0].partition("=")[2].strip("\"'") or None if named else None,
        kernel=line(root / "proc/sys/kernel/osrelease"),
        process=process,
    )
