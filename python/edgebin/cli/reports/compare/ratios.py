"""Ratios with their interval in words and as JSON."""

from __future__ import annotations

from edgebin.runtime.compare.bootstrap import Ratio


def interval(ratio: Ratio) -> str:
    """Return the interval, "" where there is none."""
    if ratio.low is None or ratio.high is None:
        return ""
    return f"{ratio.low:.3f} to {ratio.high:.3f}"


def outcome(ratio: Ratio, name: str, other: str) -> str:
    """Return in words whether one is faster than the other.

    Args:
        ratio: its time over the other's.
        name: of the one.
        other: of the other.
    """
    differs = ratio.differs
    if differs is None:
        return (
            f"{name} takes {ratio.value:.3f} times as long as {other}; one sample has no interval"
        )
    if not differs:
        return f"no difference is shown: the interval {interval(ratio)} contains 1"
    if ratio.value < 1:
        return f"{name} is {1 / ratio.value:.2f} times as fast as {other}"
    return f"{name} takes {ratio.value:.2f} times as long as {other}"


def ratio_entry(ratio: Ratio) -> dict[str, object]:
    """Return a ratio as JSON holds it."""
    return {
        "value": ratio.value,
        "low": ratio.low,
        "high": ratio.high,
        "differs": ratio.differs,
    }
