"""Takes the network from a process and from all that it starts.

    python tests/support/processes/no_network.py COMMAND...

runs `edgebin COMMAND...` so. `forbid_sockets` has the kernel (seccomp) end a process that asks for
a socket other than a local one, whatever language asks; `forbid_in_python` raises before that, and
names the call.
"""

from __future__ import annotations

import ctypes
import platform
import signal
import struct
import sys

ENDED_BY = signal.SIGSYS
_ARCHITECTURES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # and their socket(2)
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # of the filter's machine
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets of what it loads
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_LOCAL = 1  # AF_UNIX
_NAMES = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "poplib.", "imaplib.", "nntplib.")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def can_forbid_sockets() -> bool:
    """Whether the machine is one whose system calls are known here."""
    return sys.platform == "linux" and platform.machine() in _ARCHITECTURES


def forbid_sockets() -> None:
    """From now on a socket that is not local ends the process with SIGSYS.

    Raises:
        OSError: the kernel refuses.
    """
    architecture, socket = _ARCHITECTURES[platform.machine()]
    steps = (
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 0, 5, architecture),  # another: killed
        (_LOAD, 0, 0, _NUMBER),
        (_IF_EQUAL, 0, 2, socket),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_IF_EQUAL, 0, 1, _LOCAL),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _KILL),
    )
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    library = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(steps), code)
    for words in (
        (_NO_NEW_PRIVILEGES, 1, 0, 0, 0),
        (_SECCOMP, _FILTER, ctypes.byref(program), 0, 0),
    ):
        if library.prctl(*words) != 0:
            raise OSError(ctypes.get_errno(), "prctl: the kernel takes no filter")


def forbid_in_python() -> None:
    """From now on Python's own modules of the network raise."""

    def look(event: str, arguments: object) -> None:
        if event.startswith(_NAMES) and event != "socket.gethostname":
            raise PermissionError(f"no network here: {event} {arguments!r}")

    sys.addaudithook(look)


def main() -> None:
    """Run the command that the arguments name, without the network."""
    forbid_in_python()
    if can_forbid_sockets():
        forbid_sockets()
    from edgebin.cli.start import main as run_command

    run_command()


if __name__ == "__main__":
    main()
