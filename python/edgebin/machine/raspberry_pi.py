"""What a Raspberry Pi's firmware reports about weak supply and heat.

Its status word has four bits for the present and the same four, shifted by 16, for the past.
`vcgencmd` reports the past since boot. The file in /sys, which newer kernels lack, has the word
that the kernel's driver read last. That driver clears the bits of the past every two seconds, so a
bit of the past that is not set there means nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import line, number, numbered

_BITS = ("under_voltage", "frequency_capped", "throttled", "soft_temperature_limit")
_PAST = 16
_ANSWER = re.compile(r"(?:throttled=)?(?:0x)?([0-9a-fA-F]{1,8})")
_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Firmware:
    """The firmware's word.

    Args:
        word: as it is.
        source: "vcgencmd" or "sysfs".
        now: what is so, by name.
        since_boot: what has been so; None where the source does not tell.
    """

    word: int
    source: str
    now: dict[str, bool]
    since_boot: dict[str, bool | None]


def firmware(root: Path) -> Firmware | None:
    """Return the firmware's word, from the first source under `root` that has it."""
    for source, answer in (("vcgencmd", _ask(root)), ("sysfs", _file(root))):
        match = _ANSWER.fullmatch(answer or "")
        if match:
            return decode(int(match[1], 16), source)
    return None


def decode(word: int, source: str) -> Firmware:
    """Return what a word of the firmware means."""
    clear = False if source == "vcgencmd" else None
    return Firmware(
        word=word,
        source=source,
        now={name: bool(word >> bit & 1) for bit, name in enumerate(_BITS)},
        since_boot={
            name: bool(word >> (_PAST + bit) & 1) or clear for bit, name in enumerate(_BITS)
        },
    )


def low_voltage_alarm(root: Path) -> bool | None:
    """Return whether the supply was too weak within the last seconds, as hwmon tells it."""
    for _, folder in numbered(root / "sys/class/hwmon", "hwmon"):
        if line(folder / "name") == "rpi_volt":
            alarm = number(folder / "in0_lcrit_alarm")
            return None if alarm is None else alarm != 0
    return None


def _ask(root: Path) -> str | None:
    """Return what `vcgencmd get_throttled` prints; the program is found under `root`."""
    import subprocess  # not at the top: a measured process imports this module too

    for program in (root / "usr/bin/vcgencmd", root / "opt/vc/bin/vcgencmd"):
        try:
            answer = subprocess.run(
                [program, "get_throttled"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return answer.stdout.decode(errors="replace").strip()
    return None


def _file(root: Path) -> str | None:
    """Return the word in /sys; on a Pi 5 the chip's node is named after its address."""
    platform = root / "sys/devices/platform"
    try:
        folders = [path for path in platform.iterdir() if path.name.startswith("soc")]
    except OSError:
        return None
    nodes = (folder / f"{folder.name}:firmware/get_throttled" for folder in sorted(folders))
    return next((found for found in map(line, nodes) if found is not None), None)
