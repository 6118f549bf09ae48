"""A line on a terminal that counts images while they are classified."""

from __future__ import annotations

import sys
import time

from edgebin.cli.terminal.console import counted

_SECONDS_BETWEEN = 0.2
_ERASE = "\r\x1b[K"


class Rate:
    """Counts images and says how many there are a second.

    The line is on standard error, where that is a terminal and results do not go to one too.
    """

    def __init__(self) -> None:
        """Start the clock."""
        self._shown = sys.stderr.isatty() and not sys.stdout.isatty()
        self._started = time.monotonic()
        self._next = self._started
        self.images = 0
        self.skipped = 0

    def count(self, *, skipped: bool) -> None:
        """Count one image."""
        self.images += 1
        self.skipped += skipped
        now = time.monotonic()
        if self._shown and now >= self._next:
            self._next = now + _SECONDS_BETWEEN
            sys.stderr.write(_ERASE + self.line())
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, for another one to be printed."""
        if self._shown:
            sys.stderr.write(_ERASE)
            self._next = 0.0

    def line(self) -> str:
        """Return what the line says."""
        seconds = max(time.monotonic() - self._started, 1e-9)
        skipped = f", {self.skipped:,} skipped" if self.skipped else ""
        return f"{counted(self.images, 'image')}, {self.images / seconds:,.1f} images/s{skipped}"
