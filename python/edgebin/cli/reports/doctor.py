"""The doctor's report in words, line by line; a fact that is not reported is "unknown"."""

from __future__ import annotations

from importlib.metadata import version

from edgebin.cli.terminal.console import counted, size
from edgebin.doctor import Report
from edgebin.doctor.kernels import Kernels
from edgebin.machine.activity.cgroup import ControlGroup
from edgebin.machine.activity.load_average import LoadAverage
from edgebin.machine.activity.processor import ProcessorUse
from edgebin.machine.clocks import Clock
from edgebin.machine.cores import Cores
from edgebin.machine.heat import Zone
from edgebin.machine.jetson import PowerMode
from edgebin.machine.memory import Memory
from edgebin.machine.throttling import Throttling, spoken

_UNKNOWN = "unknown"


def lines(report: Report) -> list[tuple[str, str]]:
    """Return label and text of each line; a line without label continues the one above."""
    system, process = report.system, report.system.process
    kernel = f"kernel {system.kernel or _UNKNOWN} on {process.architecture}"
    python = f"Python {process.python} with {process.bits} bits"
    clocks = _clocks(report.clocks)
    return [
        ("board", _together(report.board.model, report.board.soc)),
        ("cores", _cores(report.cores, process.cores)),
        ("vectors", _vectors(report.cores)),
        ("kernels", _kernels(report.kernels)),
        ("system", f"{system.name or _UNKNOWN}, {kernel}"),
        ("software", f"edgebin {version('edgebin')}, {python}"),
        *zip(["clock"] + [""] * (len(clocks) - 1), clocks, strict=True),
        ("heat", ", ".join(map(_zone, report.temperatures)) or _UNKNOWN),
        ("throttling", _throttling(report.throttling)),
        ("supply", _supply(report.throttling)),
        *([("mode", _mode(report.power_mode))] if report.power_mode else []),
        ("memory", _memory(report.memory)),
        ("load", _load(report.load, report.use)),
        ("limits", _control_group(report.control_group)),
    ]


def _together(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part) or _UNKNOWN


def _cores(cores: Cores, usable: int) -> str:
    kinds = [f"{len(kind.cores)} {kind.name}" for kind in cores.types]
    if len(kinds) > 1:
        kinds = [
            f"{text} ({_ranges(kind.cores)})" for text, kind in zip(kinds, cores.types, strict=True)
        ]
    parts = [" + ".join(kinds) or _UNKNOWN]
    online, present = cores.online, cores.present
    if online is not None and present is not None and online < present:
        parts.append(f"{present - online} more switched off")
    if online is not None and usable < online:
        parts.append(f"this process may use {usable}")
    return ", ".join(parts)


def _vectors(cores: Cores) -> str:
    return _UNKNOWN if cores.vectors is None else ", ".join(cores.vectors) or "none"


def _kernels(kernels: Kernels) -> str:
    choice = f"of {', '.join(kernels.isas)}"
    if kernels.chosen is None:
        return f'none: EDGEBIN_ISA is "{kernels.requested}", expected one {choice}'
    kind = ", portable code" if kernels.chosen == "scalar" else ""
    reason = ", as EDGEBIN_ISA requests" if kernels.requested else ""
    return f"{kernels.chosen}{kind}{reason} ({choice}), {_conv_algo(kernels)}"


def _conv_algo(kernels: Kernels) -> str:
    variable = kernels.conv_algorithm_variable
    if kernels.conv_algorithm is None:
        return f'no convolution algorithm: {variable} is "{kernels.requested_conv_algorithm}"'
    words = {
        "matrix_tiles": "convolutions on matrix tiles",
        "lookup": "convolutions by table lookup",
        "bit_serial": "bit-serial convolutions",
    }
    reason = "" if variable is None else f", as {variable} requests"
    return f"{words[kernels.conv_algorithm]}{reason}"


def _clocks(clocks: tuple[Clock, ...]) -> list[str]:
    """One text for all clocks with the same governor and limits."""
    alike: dict[tuple[str, str], list[Clock]] = {}
    for clock in clocks:
        limits = _span(clock.lowest_mhz, clock.highest_mhz)
        hardware = _span(clock.possible_lowest_mhz, clock.possible_highest_mhz)
        if hardware != limits:
            limits += f" (hardware {hardware})"
        alike.setdefault((clock.governor or _UNKNOWN, limits), []).append(clock)
    return [
        f"{_whose(group)}{governor}, now {_now(group)}, limits {limits}"
        for (governor, limits), group in alike.items()
    ] or [_UNKNOWN]


def _whose(clocks: list[Clock]) -> str:
    cores = tuple(sorted(core for clock in clocks for core in clock.cores))
    return f"core{'s' if len(cores) > 1 else ''} {_ranges(cores)}: " if cores else ""


def _now(clocks: list[Clock]) -> str:
    known = [clock.mhz for clock in clocks if clock.mhz is not None]
    return _span(min(known), max(known)) if known else _UNKNOWN


def _span(low: float | None, high: float | None) -> str:
    first, last = (_UNKNOWN if mhz is None else f"{mhz:.0f}" for mhz in (low, high))
    return first if first == last == _UNKNOWN else f"{_joined(first, last)} MHz"


def _joined(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _zone(zone: Zone) -> str:
    return f"{zone.name} " + (_UNKNOWN if zone.celsius is None else f"{zone.celsius:.0f} °C")


def _throttling(throttling: Throttling) -> str:
    parts = [f"now {_reasons(throttling.now)}"]
    word = throttling.firmware
    if word is not None:
        parts.append(f"since boot {_reasons(throttling.since_boot)}")
        parts.append(f"0x{word.word:x} from {word.source}")
    raised = [name for name, state in throttling.alerts.items() if state > 0]
    if throttling.alerts:
        parts.append(f"{len(raised)} of {len(throttling.alerts)} alerts raised")
    return "; ".join(parts)


def _reasons(reasons: tuple[str, ...] | None) -> str:
    if reasons is None:
        return _UNKNOWN
    return ", ".join(map(spoken, reasons)) or "none"


def _supply(throttling: Throttling) -> str:
    alarms = [f"{name} {count}" for name, count in throttling.supply_events.items()]
    if alarms:
        return f"alarms since boot: {', '.join(alarms)}"
    if throttling.by_supply:
        return "too weak now"
    reported = throttling.low_voltage_alarm is not None or throttling.firmware is not None
    return "good now" if reported else _UNKNOWN


def _mode(mode: PowerMode) -> str:
    others = [f"{n} {name}" for n, name in mode.choices.items() if n != mode.number]
    also = f" (others: {', '.join(others)})" if others else ""
    return f"{mode.number} {mode.name or _UNKNOWN}{also}"


def _memory(memory: Memory) -> str:
    swap = f"swap {_size(memory.swap_total)}"
    if memory.swap_total and memory.swap_free is not None:
        swap += f", {_size(memory.swap_free)} of it free"
    return f"{_size(memory.total)}, {_size(memory.available)} available; {swap}"


def _load(load: LoadAverage | None, use: ProcessorUse | None) -> str:
    parts = []
    if load is not None:
        averages = (load.one_minute, load.five_minutes, load.fifteen_minutes)
        shown = ", ".join(f"{average:.1f}" for average in averages)
        parts.append(f"{shown} over 1, 5 and 15 minutes")
    if use is not None:
        parts.append(f"{use.busy_cores:.1f} of {counted(use.cores, 'core')} busy now")
        parts.append(f"steal {use.steal_share:.1%}")
    return "; ".join(parts) or _UNKNOWN


def _control_group(group: ControlGroup) -> str:
    parts = []
    if group.cpu_quota is not None:
        parts.append(f"{group.cpu_quota:.2g} cores on average")
    if group.memory_limit is not None:
        parts.append(f"{size(group.memory_limit)} of memory")
    return f"{', '.join(parts)} (control group)" if parts else "none by a control group"


def _size(count: int | None) -> str:
    return _UNKNOWN if count is None else size(count)


def _ranges(cores: tuple[int, ...]) -> str:
    """Return cores as "0-3, 6": neighbours as one range."""
    runs: list[list[int]] = []
    for core in cores:
        if runs and core == runs[-1][-1] + 1:
            runs[-1].append(core)
        else:
            runs.append([core])
    return ", ".join(f"{r[0]}-{r[-1]}" if len(r) > 1 else f"{r[0]}" for r in runs)
