"""A histogram of times in a few lines of text."""

from __future__ import annotations

from collections.abc import Sequence

from edgebin.runtime.measure.statistics import histogram

_CLASSES = 8
_BAR = 40  # columns of the longest bar
_BLOCKS = " ▏▎▍▌▋▊▉█"  # eighths of a column


def histogram_lines(times: Sequence[float], *, ascii_only: bool = False) -> list[str]:
    """Return a line for each class of times, and one for the slowest, which are beyond them.

    Args:
        times: in milliseconds.
        ascii_only: draw with `#` instead of blocks.
    """
    found = histogram(times, _CLASSES)
    digits = 3 if found.edges[-1] >= 1 else 4
    labels = [
        f"{low:.{digits}f} to {high:.{digits}f}"
        for low, high in zip(found.edges[:-1], found.edges[1:], strict=True)
    ]
    rows = list(zip(labels, found.counts, strict=True))
    if found.above:
        rows.append((f"up to {max(times):.{digits}f}", found.above))
    most = max(count for _, count in rows)
    size = max(len(label) for label, _ in rows)
    return [f"{label:>{size}}  {_bar(count / most, ascii_only)} {count:,}" for label, count in rows]


def _bar(share: float, ascii_only: bool) -> str:
    if ascii_only:
        return "#" * max(round(_BAR * share), 1 if share > 0 else 0)
    eighths = max(round(8 * _BAR * share), 1 if share > 0 else 0)
    return _BLOCKS[8] * (eighths // 8) + (_BLOCKS[eighths % 8] if eighths % 8 else "")
