"""Rules about software: the choice of kernels, 32-bit systems, memory."""

from __future__ import annotations

from edgebin.doctor.advice.advice import Advice
from edgebin.doctor.report import Report

_LITTLE_MEMORY = 100_000_000  # bytes; Python with numpy and a network take about a third


def wrong_isa(report: Report) -> Advice | None:
    """Advise if EDGEBIN_ISA names an instruction set that is not there."""
    if report.kernels.chosen is not None:
        return None
    return Advice(
        f'EDGEBIN_ISA is "{report.kernels.requested}", which does not exist here, so no model '
        f"loads. There is: {', '.join(report.kernels.isas)}.",
        "unset EDGEBIN_ISA",
    )


def wrong_conv_algo(report: Report) -> Advice | None:
    """Advise if EDGEBIN_CONV_ALGO names an algorithm that is not there."""
    kernels = report.kernels
    if kernels.chosen is None or kernels.conv_algorithm is not None:
        return None
    return Advice(
        f'{kernels.conv_algorithm_variable} is "{kernels.requested_conv_algorithm}", which '
        f"{kernels.chosen} does not have, so no model loads.",
        f"unset {kernels.conv_algorithm_variable}",
    )


def lesser_isa(report: Report) -> Advice | None:
    """Advise if EDGEBIN_ISA asks for less than the best instruction set."""
    best = report.kernels.isas[0]
    if report.kernels.chosen in (None, best):
        return None
    return Advice(
        f"EDGEBIN_ISA holds edgebin to {report.kernels.chosen}; the best here is {best}.",
        "unset EDGEBIN_ISA",
    )


def bits(report: Report) -> Advice | None:
    """Advise if the system or Python has 32 bits on a 64-bit processor."""
    has_64 = any(kind.has_64_bits for kind in report.cores.types)
    if not (has_64 and report.system.has_32_bits):
        return None
    what = "system" if report.system.kernel_has_32_bits else "Python"
    where = " (in Raspberry Pi Imager: Raspberry Pi OS, 64-bit)"
    return Advice(
        f"The processor has 64 bits, but this {what} has 32, where few of edgebin's kernels are "
        f"fast. Install a system with 64 bits{where if report.board.is_raspberry_pi else ''}."
    )


def little_memory(report: Report) -> Advice | None:
    """Advise if little memory is left."""
    available = report.memory.available
    if available is None or available >= _LITTLE_MEMORY:
        return None
    return Advice(
        f"Only {available / 1e6:.0f} MB of memory are left. To see what takes it:",
        "ps -eo rss,comm --sort=-rss | head",
    )
