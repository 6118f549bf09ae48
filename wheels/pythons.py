"""Finds interpreters that have the headers to compile against.

A wheel of edgebin is for one version of Python: pybind11 has no stable ABI, so its module may use
what the headers of that version declare. Free-threaded builds are rejected, as their modules have
yet another ABI.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from command import WheelError

VERSIONS = ("3.10", "3.11", "3.12", "3.13")

_ASK = """
import json, os, sys, sysconfig
include = sysconfig.get_path("include")
folder, name = os.path.split(include)
debian = os.path.join(folder, str(sysconfig.get_config_var("MULTIARCH")), name, "pyconfig.h")
print(json.dumps([
    "%d.%d" % sys.version_info[:2],
    include,
    debian if os.path.isfile(debian) else sysconfig.get_config_h_filename(),
    sys.implementation.name,
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
]))
"""


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter of this machine, with headers.

    Args:
        version: "3.11".
        executable: the interpreter.
        include: the folder with Python.h.
        pyconfig: the file with this machine's sizes. Debian keeps it in a folder of its own, and
            one in `include` that chooses by machine.
    """

    version: str
    executable: Path
    include: Path
    pyconfig: Path

    @property
    def tag(self) -> str:
        """Of its wheels: "cp311"."""
        return f"cp{self.version.replace('.', '')}"


def find(version: str, given: Sequence[Path] = ()) -> Python | None:
    """Return an interpreter of this version, the given ones first, or None.

    After those come the one that runs this, `python3.X` on the PATH, and pyenv's.

    Raises:
        WheelError: a given file is no CPython with headers, of whatever version.
    """
    for executable in given:
        python = _ask(executable)
        if python is None:
            raise WheelError(f"{executable}: expected a CPython with Python.h, found none")
        if python.version == version:
            return python
    asked = (_ask(executable) for executable in _usual(version))
    return next((python for python in asked if python and python.version == version), None)


def _usual(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(root.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)


def _ask(executable: Path) -> Python | None:
    """What an interpreter says of itself; None if it is none or lacks the headers."""
    try:
        said = subprocess.run(
            [str(executable), "-c", _ASK], capture_output=True, text=True, check=True, timeout=60
        )
        version, include, pyconfig, name, no_gil = json.loads(said.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):  # pyenv's shims may lead nowhere
        return None
    python = Python(version, executable, Path(include), Path(pyconfig))
    there = (python.include / "Python.h").is_file() and python.pyconfig.is_file()
    return python if there and name == "cpython" and not no_gil else None
