"""Builds and runs the C++ program of `benchmarks/kernels/`.

It knows cmake and Google Benchmark; `kernels.py` knows what the numbers mean.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from edgebin.errors import EdgebinError

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = Path("benchmarks/kernels/edgebin_kernels_benchmark")
_LOG = "kernels.log"
_SECONDS = 0.05  # of a benchmark in a round
_NOTHING_RAN = 2  # code of the program


def build(folder: Path) -> Path:
    """Return the path of the program, built from this source tree.

    Args:
        folder: of the build; what cmake says goes to its `kernels.log`.

    Raises:
        EdgebinError: cmake is missing or fails, or the folder cannot be written.
    """
    if shutil.which("cmake") is None:
        raise EdgebinError("cmake: expected the command on the PATH, found none")
    switches = ("-DEDGEBIN_BUILD_BENCHMARKS=ON", "-DEDGEBIN_BUILD_TESTS=OFF")
    configure = ["cmake", "-S", str(_ROOT), "-B", str(folder), "-DCMAKE_BUILD_TYPE=Release"]
    log = folder / _LOG
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
    except OSError as error:
        raise EdgebinError(f"{log}: cannot be written: {error.strerror}") from error
    _logged([*configure, *switches], log)
    _logged(["cmake", "--build", str(folder), "--parallel", "--target", _PROGRAM.name], log)
    return folder / _PROGRAM


def run(program: Path, *, core: int, rounds: int, names: str) -> dict[str, Any]:
    """Return what Google Benchmark reports, every round of every benchmark in it.

    Args:
        program: as `build` returned it.
        core: that the program is held to.
        rounds: measurements of each benchmark.
        names: regular expression of the benchmarks to run.

    Raises:
        EdgebinError: no benchmark has such a name, or the program fails.
    """
    settings = {
        "format": "json",
        "filter": names,
        "min_time": _SECONDS,
        "repetitions": rounds,
    }
    finished = subprocess.run(
        [str(program), *(f"--benchmark_{key}={value}" for key, value in settings.items())],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        preexec_fn=partial(os.sched_setaffinity, 0, {core}),
    )
    lines = finished.stderr.strip().splitlines() or ["it said nothing"]
    if finished.returncode == _NOTHING_RAN:
        expected = "expected a regular expression of benchmarks' names"
        raise EdgebinError(f"--filter: {expected}, found {names!r}: {lines[-1]}")
    if finished.returncode:
        found = f"expected to end with code 0, found {finished.returncode}"
        raise EdgebinError(f"{program}: {found}: {lines[-1]}")
    measured: dict[str, Any] = json.loads(finished.stdout)
    return measured


def _logged(command: Sequence[str], log: Path) -> None:
    """Run a command whose output is added to the log.

    Raises:
        EdgebinError: it fails; the message has its first error.
    """
    with log.open("ab") as file:
        start = file.tell()
        ended = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False)
    if ended.returncode:
        said = log.read_bytes()[start:].decode(errors="replace")
        found = f"expected to end with code 0, found {ended.returncode}"
        raise EdgebinError(f"{' '.join(command)}: {found}: {_first_error(said)} (all in {log})")


def _first_error(said: str) -> str:
    """The line with the first error, and the paragraph below where cmake puts the reason there."""
    lines = said.splitlines()
    marks = ("error:", "cmake error")  # not the names of files
    found = (i for i, line in enumerate(lines) if any(mark in line.lower() for mark in marks))
    first = next(found, None)
    if first is None:
        return lines[-1].strip() if lines else "it said nothing"
    if not lines[first].endswith(":"):
        return lines[first].strip()
    end = next((i for i in range(first, len(lines)) if not lines[i].strip()), len(lines))
    return " ".join(" ".join(lines[first:end]).split())
