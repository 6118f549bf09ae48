"""What a command warns of: deprecated names and unusual files, one line on standard error each."""

from __future__ import annotations

import sys
import warnings
from typing import TextIO

from edgebin.cli.terminal.plain import plain
from edgebin.errors import EdgebinWarning


def show_deprecations() -> None:
    """Print edgebin's warnings from now on; Python hides those of deprecated names by default."""
    warnings.filterwarnings("always", category=EdgebinWarning)
    warnings.filterwarnings("default", category=DeprecationWarning, module=r"edgebin\b")
    show_other = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, DeprecationWarning | EdgebinWarning):
            print(f"edgebin: warning: {plain(str(message))}", file=sys.stderr)
        else:
            show_other(message, category, filename, lineno, file, line)

    warnings.showwarning = show
