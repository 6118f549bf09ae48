"""One piece of advice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to change.

    Args:
        text: what is so, and what to do about it.
        command: for a shell; None where no command does it.
    """

    text: str
    command: str | None = None
