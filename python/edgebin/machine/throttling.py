"""Whether heat or a weak supply throttles the machine, from every source that reports it.

The sources are a Raspberry Pi's firmware, a Jetson's alarms, and the kernel's cooling devices.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.board import Board
from edgebin.machine.heat import cooling
from edgebin.machine.jetson import supply_events
from edgebin.machine.raspberry_pi import Firmware, firmware, low_voltage_alarm

_ALERT = "-throttle-alert"
_SLOWER_CLOCKS = ("thermal-cpufreq-", "cpufreq-cpu")
_HOT_SURFACE = "hot-surface-alert"


@dataclass(frozen=True, slots=True)
class Throttling:
    """What slows a machine.

    Args:
        now: what does so now; empty if nothing, None if the machine does not tell.
        since_boot: what the firmware remembers; empty if nothing, None if it does not tell.
        firmware: a Raspberry Pi's word.
        low_voltage_alarm: of a Raspberry Pi's kernel.
        alerts: state of alerts and of cooling by slower clocks, by name; 0 is at rest.
        supply_events: of a Jetson, how often since boot, by name.
    """

    now: tuple[str, ...] | None
    since_boot: tuple[str, ...] | None
    firmware: Firmware | None
    low_voltage_alarm: bool | None
    alerts: dict[str, int]
    supply_events: dict[str, int]

    @property
    def by_supply(self) -> bool:
        """Whether the supply is too weak now."""
        return "under_voltage" in (self.now or ())


def spoken(reason: str) -> str:
    """Return a reason in words."""
    return reason.replace("under_voltage", "under-voltage").replace("_", " ")


def throttling(root: Path, board: Board) -> Throttling:
    """Return what the files under `root` tell of a board's throttling."""
    word = firmware(root) if board.is_raspberry_pi else None
    alarm = low_voltage_alarm(root)
    alerts = {name: state for name, state in cooling(root).items() if _is_alert(name)}
    reasons = [name for name, is_so in word.now.items() if is_so] if word else []
    if alarm and "under_voltage" not in reasons:
        reasons.append("under_voltage")
    reasons += [name for name, state in alerts.items() if state > 0 and name != _HOT_SURFACE]
    reported = word is not None or bool(alerts)
    return Throttling(
        now=tuple(reasons) if reported or reasons else None,
        since_boot=_past(word),
        firmware=word,
        low_voltage_alarm=alarm,
        alerts=alerts,
        supply_events=supply_events(root),
    )


def _is_alert(name: str) -> bool:
    return name.endswith(_ALERT) or name == _HOT_SURFACE or name.startswith(_SLOWER_CLOCKS)


def _past(word: Firmware | None) -> tuple[str, ...] | None:
    if word is None:
        return None
    been = tuple(name for name, is_so in word.since_boot.items() if is_so)
    return None if not been and None in word.since_boot.values() else been
