"""Rules about what runs on the machine: the choice of kernels, the system's bits, memory."""

from __future__ import annotations

from edgebin.doctor.advice.advice import Advice
from edgebin.doctor.report import Report

_LITTLE_MEMORY = 100_000_000  # bytes; Python with numpy and a network take about a third


def wrong_isa(report: Report) -> Advice | None:
    """EDGEBIN_ISA asks for what is not there."""
    if report.kernels.chosen is not None:
        return None
    return Advice(
        f'EDGEBIN_ISA is "{report.kernels.asked}", which does not exist here, so no model loads. '
        f"There is: {', '.join(report.kernels.isas)}.",
        "unset EDGEBIN_ISA",
    )


def wrong_conv_algo(report: Report) -> Advice | None:
    """EDGEBIN_CONV_ALGO asks for what is not there."""
    kernels = report.kernels
    if kernels.chosen is None or kernels.conv_algorithm is not None:
        return None
    return Advice(
        f'{kernels.conv_algorithm_variable} is "{kernels.requested_conv_algorithm}", which '
        f"{kernels.chosen} does not have, so no model loads.",
        f"unset {kernels.conv_algorithm_variable}",
    )


def lesser_isa(report: Report) -> Advice | None:
    """EDGEBIN_ISA asks for less than the best."""
    best = report.kernels.isas[0]
    if report.kernels.chosen in (None, best):
        return None
    return Advice(
        f"EDGEBIN_ISA holds edgebin to {report.kernels.chosen}; the best here is {best}.",
        "unset EDGEBIN_ISA",
    )


def bits(report: Report) -> Advice | None:
    """The system or Python has 32 bits on a processor that has 64."""
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
    """Little memory is left."""
    available = report.memory.available
    if available is None or available >= _LITTLE_MEMORY:
        return None
    return Advice(
        f"Only {available / 1e6:.0f} MB of memory are left. To see what takes it:",
        "ps -eo rss,comm --sort=-rss | head",
    )
