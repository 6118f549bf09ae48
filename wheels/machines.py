"""The machines that wheels are built for: what their compiler, wheel tag and emulator are called.

Every wheel needs glibc 2.17 or newer and nothing else of its system: the C++ library is linked in.
"""

from __future__ import annotations

from dataclasses import dataclass

GLIBC = (2, 17)  # manylinux2014, which is older than any board's system that still gets updates


@dataclass(frozen=True, slots=True)
class Machine:
    """One kind of processor under Linux with glibc.

    Args:
        name: as `uname -m` prints it and wheel tags end.
        triple: of the compiler's target, and in the names of Python's modules.
        debian: the architecture's name in Debian.
        emulator: qemu's program for it, on another machine.
        cores: that `emulator` is to imitate, from the oldest to everything.
    """

    name: str
    triple: str
    debian: str
    emulator: str
    cores: tuple[str, ...]

    @property
    def target(self) -> str:
        """What zig compiles for."""
        return f"{self.triple}.{GLIBC[0]}.{GLIBC[1]}"

    @property
    def platforms(self) -> tuple[str, ...]:
        """Platform tags of a wheel: today's name, and the one that pip before 20.3 knows."""
        return f"manylinux_{GLIBC[0]}_{GLIBC[1]}_{self.name}", f"manylinux2014_{self.name}"


MACHINES = {
    machine.name: machine
    for machine in (
        Machine(
            name="aarch64",
            triple="aarch64-linux-gnu",
            debian="arm64",
            emulator="qemu-aarch64-static",
            cores=("cortex-a53", "cortex-a72", "cortex-a76", "max"),
        ),
        Machine(
            name="armv7l",
            triple="arm-linux-gnueabihf",
            debian="armhf",
            emulator="qemu-arm-static",
            cores=("cortex-a7", "max"),
        ),
        Machine(
            name="x86_64",
            triple="x86_64-linux-gnu",
            debian="amd64",
            emulator="qemu-x86_64-static",
            cores=(),
        ),
    )
}
