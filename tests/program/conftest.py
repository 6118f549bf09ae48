"""The program `edgebin-run` under test: EDGEBIN_RUN names it, with what it is run by.

    EDGEBIN_RUN="build/static/csrc/cli/edgebin-run" pytest tests/program
    EDGEBIN_RUN="qemu-arm-static build/static-armv7/csrc/cli/edgebin-run" pytest tests/program

These tests hold it to the Python package on this machine; `.ci/run` runs them for each machine that
the program is built for.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

Done: TypeAlias = "subprocess.CompletedProcess[str]"
Program: TypeAlias = Callable[..., Done]

COMMAND = shlex.split(os.environ.get("EDGEBIN_RUN", ""))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="EDGEBIN_RUN names no program")
    for item in items:
        if not COMMAND and Path(__file__).parent in item.path.parents:
            item.add_marker(skip)


@pytest.fixture
def program() -> Program:
    """Runs the program with these arguments and returns how it ended."""

    def run(*arguments: object) -> Done:
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
