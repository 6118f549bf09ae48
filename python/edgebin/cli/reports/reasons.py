"""Why results are INVALID, where several results have the same kinds of reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edgebin.runtime.measure import Reason


def grouped_reasons(of_results: Sequence[Iterable[Reason]]) -> list[str]:
    """Return a text for each kind of reason: its first one, and how many results have it.

    Args:
        of_results: the reasons of each result; none if it is VALID.
    """
    found: dict[str, list[Reason]] = {}
    for reasons in of_results:
        for reason in reasons:
            found.setdefault(reason.code, []).append(reason)
    return [
        f"{len(alike)} of {len(of_results)} results: {alike[0].text}"
        + (" (the first of them)" if len(alike) > 1 else "")
        for alike in found.values()
    ]
