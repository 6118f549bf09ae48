"""What is deprecated works and is one line on standard error."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from edgebin.cli.terminal.deprecations import show_deprecations
from processes.command_line import edgebin


def test_the_old_environment_variable(
    colours: Path, green: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGEBIN_PRODUCT", "lookup")
    assert edgebin("run", colours, green) == 0
    line = "edgebin: warning: EDGEBIN_PRODUCT is deprecated, use EDGEBIN_CONV_ALGO\n"
    assert capsys.readouterr().err == line


def test_only_deprecations_of_edgebin_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings(record=True) as others:
        warnings.resetwarnings()
        warnings.simplefilter("ignore", DeprecationWarning)  # as Python does
        show_deprecations()
        warnings.warn_explicit("of another package", DeprecationWarning, "other.py", 1, "other")
        warnings.warn_explicit("old\x1b[0m", DeprecationWarning, "a.py", 1, "edgebin.runtime.model")
        warnings.warn_explicit("may matter", UserWarning, "other.py", 7, "other")
    assert capsys.readouterr().err == "edgebin: warning: old\\x1b[0m\n"
    assert [str(other.message) for other in others] == ["may matter"]
