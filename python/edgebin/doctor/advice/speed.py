"""Rules about clocks and cores: settings that limit the processor's speed."""

from __future__ import annotations

from edgebin.doctor.advice.advice import Advice
from edgebin.doctor.report import Report
from edgebin.machine.clocks import Clock

_POLICIES = "/sys/devices/system/cpu/cpufreq/policy*"
_PERFORMANCE = f"echo performance | sudo tee {_POLICIES}/scaling_governor"
_ROUNDING = 0.99  # a limit at or above this share of the highest clock holds nothing back
# Drivers whose governor "powersave" follows the load instead of holding the lowest clock.
_FOLLOW_LOAD = ("intel_pstate", "amd-pstate", "amd-pstate-epp")


def power_mode(report: Report) -> Advice | None:
    """Advise if a Jetson is in a limited power mode and has one without limits."""
    mode = report.power_mode
    if mode is None or mode.unlimited is None or (mode.name or "").startswith("MAXN"):
        return None
    return Advice(
        f"The power mode is {mode.name or mode.number}. {mode.choices[mode.unlimited]} lets all "
        "cores run at their highest clock, and draws more power:",
        f"sudo nvpmodel -m {mode.unlimited}",
    )


def cores_off(report: Report) -> Advice | None:
    """Advise if cores of a board are switched off."""
    online, present = report.cores.online, report.cores.present
    if online is None or present is None or online >= present or power_mode(report):
        return None
    if not report.board.compatible:
        return None  # a PC or server, where siblings that share a core may be off for a reason
    return Advice(
        f"{present - online} of {present} cores are switched off. "
        + ("A power mode does that; to see all modes:" if report.board.is_jetson else "To change:"),
        "sudo nvpmodel -p --verbose"
        if report.board.is_jetson
        else "echo 1 | sudo tee /sys/devices/system/cpu/cpu*/online",
    )


def lowest_clock(report: Report) -> Advice | None:
    """Advise if a governor holds the lowest clock."""
    for clock in report.clocks:
        if clock.governor == "powersave" and clock.driver not in _FOLLOW_LOAD:
            return Advice(
                f"The governor powersave holds {_whose(clock)} at the lowest clock. To change that "
                "until the next boot:",
                _PERFORMANCE,
            )
    return None


def limited_clock(report: Report) -> Advice | None:
    """Advise if the limit of a clock is below what the hardware can do."""
    if report.throttling.now or power_mode(report):
        return None  # those limit clocks as well
    for clock in report.clocks:
        highest, possible = clock.highest_mhz, clock.possible_highest_mhz
        if highest is not None and possible is not None and highest < _ROUNDING * possible:
            return Advice(
                f"The clock of {_whose(clock)} is limited to {highest:.0f} of {possible:.0f} MHz. "
                "To lift that until the next boot:",
                f"for p in {_POLICIES}; do "
                "sudo tee $p/scaling_max_freq < $p/cpuinfo_max_freq; done",
            )
    return None


def moving_clock(report: Report) -> Advice | None:
    """Advise if a clock follows the load, which makes times vary."""
    still = (None, "performance", "userspace")
    moving = [c for c in report.clocks if not c.is_fixed and c.governor not in still]
    if not moving or lowest_clock(report):
        return None
    return Advice(
        f"The governor {moving[0].governor} moves the clock with the load, so times scatter. To "
        "hold it at the highest while you measure:",
        "sudo jetson_clocks" if report.board.is_jetson else _PERFORMANCE,
    )


def fast_cores(report: Report) -> Advice | None:
    """Advise if some cores are faster than others."""
    kinds = report.cores.types
    if any(kind.capacity is None for kind in kinds):
        return None
    most = max((kind.capacity or 0 for kind in kinds), default=0)
    fast = sorted(core for kind in kinds if kind.capacity == most for core in kind.cores)
    if len(fast) == sum(len(kind.cores) for kind in kinds):
        return None
    named = ",".join(map(str, fast))
    return Advice(
        f"Cores differ; the fast ones are {named.replace(',', ', ')}. Threads on slower ones hold "
        "these up. To keep to the fast ones:",
        f"taskset -c {named} edgebin bench MODEL --threads {len(fast)}",
    )


def _whose(clock: Clock) -> str:
    """Return the cores of a clock in words."""
    if not clock.cores:
        return "the cores"
    return f"core{'s' if len(clock.cores) > 1 else ''} {', '.join(map(str, clock.cores))}"
