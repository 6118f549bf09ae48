"""Runs the command `edgebin` inside the test's process."""

from __future__ import annotations

import pytest

from edgebin.cli.app import main


def edgebin(*arguments: object) -> int:
    """Run one command with these arguments; return its exit code."""
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    assert isinstance(caught.value.code, int)
    return caught.value.code
