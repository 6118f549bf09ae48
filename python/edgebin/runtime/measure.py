"""Measures a model in an isolated process, so that the memory measured is the model's alone.

`measure` starts that process. `main` runs in it: import, load, warm up, then time `run()` on one
fixed batch of random pixels.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgebin import _core
from edgebin.errors import EdgebinError
from edgebin.machine import peak_memory
from edgebin.runtime.model import Model
from edgebin.runtime.profile import ProfiledStep

_MOST_PROFILED = 1000
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG

_NO_MEMORY = 3  # exit code of the child

# It imports from where its parent does, and not from the working directory first, as Python would:
# a numpy.py that lies there is none. Ctrl-C ends it without a traceback, from its first lines on.
_CHILD = f"""
import sys
sys.path = sys.argv[1:-1]
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
try:
    from edgebin.runtime.measure import main
    main()
except MemoryError:
    sys.exit({_NO_MEMORY})
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure.

    Args:
        isa: instruction set; None takes EDGEBIN_ISA or the best one.
        threads: of one run.
        batch: images in one call of `run()`.
        warmup: calls before the timed ones, besides the first.
        runs: timed calls.
        pin: keep all threads on cores of their own, the calling one too.
        profile: time the steps of a run afterwards.
    """

    isa: str | None = None
    threads: int = 1
    batch: int = 1
    warmup: int
    runs: int
    pin: bool = False
    profile: bool = False


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one process saw; times in milliseconds, sizes in bytes.

    Args:
        isa: instruction set whose kernels ran.
        load_ms: from path to ready model.
        first_ms: the first call of `run()`.
        run_ms: the timed calls, in order.
        arena_bytes: working memory of one run.
        file_bytes: size of the model's file.
        import_memory_bytes: peak resident memory after `import edgebin` alone.
        peak_memory_bytes: the same at the end.
        steps: the profile, if it was asked for; taken after all else.
    """

    isa: str
    load_ms: float
    first_ms: float
    run_ms: list[float]
    arena_bytes: int
    file_bytes: int
    import_memory_bytes: int | None
    peak_memory_bytes: int | None
    steps: tuple[ProfiledStep, ...] = ()


def measure(path: Path, plan: Plan) -> Measurement:
    """Measure a model in an isolated process.

    Raises:
        EdgebinError: the model or an option is bad; the message is the child's. Or Python cannot
            be started a second time.
        MemoryError: the child had not enough.
    """
    request = {"path": os.path.abspath(path), "plan": asdict(plan)}
    answer = _answer(json.dumps(request))
    if "error" in answer:
        raise EdgebinError(answer["error"])
    answer["steps"] = tuple(_step(step) for step in answer["steps"])
    return Measurement(**answer)


def _answer(request: str) -> dict[str, Any]:
    try:
        child = subprocess.run(
            [sys.executable, "-c", _CHILD, *sys.path, request],
            stdout=subprocess.PIPE,
            check=False,
            preexec_fn=_ends_with(os.getpid()),
        )
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise MemoryError from error
        raise EdgebinError(
            f"the measuring process: {sys.executable} cannot be started: {error.strerror}"
        ) from error
    if child.returncode < 0:
        name = signal.Signals(-child.returncode).name
        raise EdgebinError(f"the measuring process was ended by {name}; was memory short?")
    if child.returncode == _NO_MEMORY:
        raise MemoryError
    if child.returncode != 0:
        raise RuntimeError(f"the measuring process ended with code {child.returncode}")
    answer: dict[str, Any] = json.loads(child.stdout)
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


def main() -> None:
    """Measure what the JSON in the last argument asks for and print JSON."""
    import_memory = peak_memory()
    try:
        request = json.loads(sys.argv[-1])
        seen = _measure(request["path"], Plan(**request["plan"]), import_memory)
    except EdgebinError as error:
        print(json.dumps({"error": str(error)}))
    else:
        print(json.dumps(asdict(seen)))


def _measure(path: str, plan: Plan, import_memory: int | None) -> Measurement:
    start = time.perf_counter_ns()
    model = Model(path, threads=plan.threads, isa=plan.isa, pin=plan.pin)
    if plan.pin:  # the core that the model's threads leave to this one
        _core.pin_caller()
    load_ms = (time.perf_counter_ns() - start) / 1e6
    shape = (plan.batch, *model.inputs[0].shape)
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    times = [_time(model, pixels) for _ in range(1 + plan.warmup + plan.runs)]
    peak = peak_memory()
    steps: tuple[ProfiledStep, ...] = ()
    if plan.profile:
        steps = model.profile(np.repeat(pixels[:1], min(plan.runs, _MOST_PROFILED), axis=0))
    return Measurement(
        isa=model.isa,
        load_ms=load_ms,
        first_ms=times[0],
        run_ms=times[1 + plan.warmup :],
        arena_bytes=model.arena_bytes,
        file_bytes=model.file_bytes,
        import_memory_bytes=import_memory,
        peak_memory_bytes=peak,
        steps=steps,
    )


def _step(fields: Mapping[str, Any]) -> ProfiledStep:
    """Return a step from its JSON, in which tuples are lists."""
    tuples = {key: tuple(fields[key]) for key in ("layers", "ops", "shape")}
    return ProfiledStep(**{**fields, **tuples})


def _time(model: Model, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    start = time.perf_counter_ns()
    model.run(pixels)
    return (time.perf_counter_ns() - start) / 1e6
