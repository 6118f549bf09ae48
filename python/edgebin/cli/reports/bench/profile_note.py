"""Why the steps of a profile do not sum to the time of a call."""

from __future__ import annotations

from edgebin.runtime.measure import Result

_ALIKE = 0.1  # a share of the call


def profile_sum(result: Result) -> float | None:
    """Return the milliseconds of all steps of an image; None without a profile."""
    return sum(step.ms for step in result.steps) or None


def profile_note(result: Result) -> str:
    """Return the sum of the steps beside the median call, and why they differ.

    Args:
        result: with a profile.
    """
    plan = result.case.plan
    total, image = profile_sum(result) or 0.0, result.latency["median"] / plan.batch
    per = "a call takes" if plan.batch == 1 else f"an image of a batch of {plan.batch} takes"
    beside = f"the steps of an image sum to {total:.4f} ms, {per} {image:.4f} ms (medians)"
    return f"{beside}: {_reason(result, total, image)}"


def _reason(result: Result, total: float, image: float) -> str:
    plan, rest = result.case.plan, image - total
    if plan.streams > 1:
        return f"the profile is of one caller alone, the calls of {plan.streams} at once"
    if plan.batch > 1:
        return "the profile runs one image at a time"
    if abs(rest) <= _ALIKE * image:
        return "they agree; the rest is the call itself and the reading of the clock at each step"
    if not result.valid:
        return (
            "the measurement is INVALID: interruptions make whole calls longer, the median of a "
            "short step hardly"
        )
    if rest > 0:
        return (
            f"the other {rest:.4f} ms are the call from Python, the copies of input and outputs, "
            "and threads that begin and end"
        )
    return "steps are timed after the calls, and each of them reads the clock"
