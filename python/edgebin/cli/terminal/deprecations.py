"""Deprecated names that a command was given: one line on standard error for each."""

from __future__ import annotations

import sys
import warnings
from typing import TextIO

from edgebin.cli.terminal.plain import plain


def show_deprecations() -> None:
    """Print edgebin's deprecation warnings from now on, which Python hides by default."""
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
        if issubclass(category, DeprecationWarning):
            print(f"edgebin: warning: {plain(str(message))}", file=sys.stderr)
        else:
            show_other(message, category, filename, lineno, file, line)

    warnings.showwarning = show
