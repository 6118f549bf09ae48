"""Rules about power supply and temperature: what makes a board throttle itself."""

from __future__ import annotations

from edgebin.doctor.advice.advice import Advice
from edgebin.doctor.report import Report
from edgebin.machine.heat import processor_zone
from edgebin.machine.throttling import spoken

_HOT = 80.0  # °C: where no limit is told; a Raspberry Pi slows down from here on
_NEAR = 5.0  # °C below the limit
_FOLLOWS_FROM_SUPPLY = ("under_voltage", "frequency_capped", "throttled")


def weak_supply(report: Report) -> Advice | None:
    """Advise if the power supply is too weak now."""
    if not report.throttling.by_supply:
        return None
    return Advice(
        "The power supply is too weak now, and the board may slow down or crash. Use the supply "
        "that is made for the board, with its own cable, and unplug what draws power from the "
        "board."
    )


def slowed_by_heat(report: Report) -> Advice | None:
    """Advise if something other than the supply throttles the machine now."""
    reasons = report.throttling.now or ()
    if report.throttling.by_supply:
        reasons = tuple(reason for reason in reasons if reason not in _FOLLOWS_FROM_SUPPLY)
    if not reasons:
        return None
    return Advice(
        f"Heat slows the machine down now ({_names(reasons)}), so times measured now mean little. "
        "Let it cool, and give it a heat sink or a fan."
    )


def hot(report: Report) -> Advice | None:
    """Advise if the processor is about to be throttled."""
    zone = processor_zone(report.temperatures)
    if zone is None or zone.celsius is None or report.throttling.now:
        return None
    limit = zone.limit_celsius if zone.limit_celsius is not None else _HOT
    if zone.celsius < limit - _NEAR:
        return None
    return Advice(
        f"The processor is at {zone.celsius:.0f} °C, which is close to where it is slowed down. "
        "Give it a heat sink or a fan."
    )


def been_slowed(report: Report) -> Advice | None:
    """Advise if the board was throttled since boot, but is not now."""
    been = report.throttling.since_boot
    if not been or report.throttling.now:
        return None
    cure = "a stronger power supply" if "under_voltage" in been else "a heat sink or a fan"
    return Advice(
        f"Since boot there was: {_names(been)}. If it comes back while a network runs, the board "
        f"needs {cure}. To ask for it again:",
        "vcgencmd get_throttled",
    )


def supply_events(report: Report) -> Advice | None:
    """Advise if supply alarms have throttled a Jetson since boot."""
    count = sum(report.throttling.supply_events.values())
    if count <= 0:
        return None
    times = "once" if count == 1 else f"{count} times"
    return Advice(
        f"Alarms of the power supply have slowed the board {times} since boot. Use the supply that "
        "the board asks for, or a power mode that draws less. To see whether it goes on:",
        "grep . /sys/class/hwmon/hwmon*/oc*_event_cnt",
    )


def untold(report: Report) -> Advice | None:
    """Advise if a Raspberry Pi's firmware does not report why it throttles."""
    throttling = report.throttling
    if not report.board.is_raspberry_pi or throttling.firmware is not None or throttling.now:
        return None
    return Advice(
        "The firmware did not tell whether heat or a weak supply slow the board. Members of the "
        "group video may ask it, and so may root:",
        "sudo vcgencmd get_throttled",
    )


def _names(reasons: tuple[str, ...]) -> str:
    return ", ".join(map(spoken, reasons))
