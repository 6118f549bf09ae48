"""Runs a script of `benchmarks/` inside the test's process."""

from __future__ import annotations

import importlib
import sys

import pytest


def benchmark(name: str, *arguments: object) -> int:
    """Run one script with these arguments; return its exit code."""
    script = importlib.import_module(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [f"benchmarks/{name}.py", *map(str, arguments)])
        try:
            code = script.main()
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return code
