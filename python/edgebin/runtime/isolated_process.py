"""Runs a function of a module in a process of its own, which ends with this one.

Its memory and its time are then of that function alone.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from edgebin.errors import EdgebinError

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG

_NO_MEMORY = 3  # exit code of the child

# It imports from where its parent does, and not from the working directory first, as Python would:
# a numpy.py that lies there is none. Ctrl-C ends it without a traceback, from its first lines on.
_CHILD = f"""
import sys
module, sys.path = sys.argv[1], sys.argv[2:-1]
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
try:
    import importlib
    importlib.import_module(module).main()
except MemoryError:
    sys.exit({_NO_MEMORY})
"""


def answer_of(
    module: str, request: Mapping[str, object], what: str = "measuring"
) -> dict[str, Any]:
    """Run the function `main` of a module in a fresh process and return the JSON that it printed.

    Args:
        module: its name; `main` finds the request as JSON in the last argument.
        request: what can be written as JSON.
        what: the process does, for error lines.

    Raises:
        EdgebinError: the answer has the key "error", whose value is the message; or Python cannot
            be started a second time; or a signal ended the process.
        MemoryError: the process had not enough.
    """
    answer = _answer(module, json.dumps(request), what)
    if "error" in answer:
        raise EdgebinError(answer["error"])
    return answer


def _answer(module: str, request: str, what: str) -> dict[str, Any]:
    try:
        child = subprocess.run(
            [sys.executable, "-c", _CHILD, module, *sys.path, request],
            stdout=subprocess.PIPE,
            check=False,
            preexec_fn=_ends_with(os.getpid()),
        )
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise MemoryError from error
        raise EdgebinError(
            f"the {what} process: {sys.executable} cannot be started: {error.strerror}"
        ) from error
    if child.returncode < 0:
        name = signal.Signals(-child.returncode).name
        raise EdgebinError(f"the {what} process was ended by {name}; was memory short?")
    if child.returncode == _NO_MEMORY:
        raise MemoryError
    if child.returncode != 0:
        raise RuntimeError(f"the {what} process ended with code {child.returncode}")
    answer: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return answer


def _ends_with(parent: int) -> Callable[[], None]:
    """Return what a child runs first, so that it never outlives its parent, even a killed one."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)  # of Linux alone

    def prepare() -> None:
        if prctl is not None:
            prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
