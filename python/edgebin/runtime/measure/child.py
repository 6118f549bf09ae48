"""What runs in the isolated process: import, load, warm up, time calls, look at the machine.

The memory of this process is measured, so it imports nothing that it does not need.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgebin import _core
from edgebin.errors import EdgebinError
from edgebin.machine import peak_memory
from edgebin.machine.activity.energy import EnergyReading, energy_use, read_energy
from edgebin.machine.activity.process import cores_in_use, resident_memory
from edgebin.runtime.measure.activity import activity, begin, end
from edgebin.runtime.measure.calls import Sampler, time_calls, time_one, time_streams
from edgebin.runtime.measure.measurement import Measurement, MemorySample
from edgebin.runtime.measure.plan import Plan
from edgebin.runtime.measure.warmup import WarmUp, warm_up
from edgebin.runtime.model import Model
from edgebin.runtime.profile import ProfiledStep
from edgebin.runtime.tensors import TensorInfo

_ROOT = Path("/")
_MOST_PROFILED = 1000
_LEAST_PROFILED = 20
_CALLS_OF_A_STREAM = 4  # before the timed ones, so that each stream has a session


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
    if plan.cores is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: plan.cores])
    start = time.perf_counter_ns()
    model = Model(path, threads=plan.threads, isa=plan.isa, pin=plan.pin)
    if plan.pin:  # the core that the model's threads leave to this one
        _core.pin_caller()
    load_ms = (time.perf_counter_ns() - start) / 1e6
    inputs = {info.name: _random(info, plan.batch) for info in model.inputs}
    given = inputs if len(inputs) > 1 else next(iter(inputs.values()))  # as most callers do

    def call() -> object:
        return model.run(given)

    first_ms = time_one(call)
    warmed = _warmed_up(call, plan)
    timed = _Timed(call, plan)
    return Measurement(
        isa=model.isa,
        load_ms=load_ms,
        first_ms=first_ms,
        run_ms=timed.run_ms,
        arena_bytes=model.arena_bytes,
        file_bytes=model.file_bytes,
        import_memory_bytes=import_memory,
        peak_memory_bytes=peak_memory(),
        steps=_profile(model, inputs, plan, timed.run_ms) if plan.profile else (),
        name=model.name,
        warmup=warmed.calls,
        stable=warmed.stable if plan.warmup is None else None,
        activity=timed.activity,
        memory=timed.memory,
        energy=timed.energy,
    )


class _Timed:
    """The timed calls, and what the machine did meanwhile."""

    def __init__(self, call: Callable[[], object], plan: Plan) -> None:
        memory: list[MemorySample] = []
        cores: set[int] = set()
        looker = threading.get_native_id() if plan.streams > 1 else None  # it computes nothing
        readings: list[EnergyReading] = []
        shares: list[float] = []

        def sample(seconds: float) -> None:
            resident = resident_memory(_ROOT)
            if resident is not None:
                memory.append(MemorySample(seconds, resident))
            cores.update(cores_in_use(_ROOT, without_thread=looker))
            if measures_energy:
                readings.append(read_energy(_ROOT))
            if plan.workers == 1:  # else this model's own threads may be what shares the core
                share = _core.core_share()
                shares.extend(() if share is None else (share,))

        first = read_energy(_ROOT)
        measures_energy = bool(first.counters or first.watts)
        sampler = Sampler(sample, every=max(0.1, plan.seconds / 20))
        before = begin(_ROOT)
        time_all = time_calls if plan.streams == 1 else time_streams
        self.run_ms = time_all(call, plan, sampler)
        after = end(_ROOT)
        last = read_energy(_ROOT) if measures_energy else first
        happened = activity(before, after, _ROOT)
        self.activity = replace(
            happened,
            core_share=statistics.median(shares) if shares else None,
            cores_seen=tuple(sorted(cores)),
        )
        self.memory = tuple(memory)
        self.energy = energy_use(first, last, readings, after.seconds - before.seconds)


def _warmed_up(call: Callable[[], object], plan: Plan) -> WarmUp:
    if plan.streams > 1:
        calls = _CALLS_OF_A_STREAM * plan.streams
        time_streams(call, replace(plan, runs=calls), Sampler(lambda _seconds: None))
    if plan.warmup is None:
        return warm_up(lambda: time_one(call))
    for _ in range(plan.warmup):
        call()
    return WarmUp(plan.warmup, stable=True)


def _random(info: TensorInfo, batch: int) -> npt.NDArray[Any]:
    """Return random elements for an input; the time of a run does not depend on them."""
    pixels = np.random.default_rng(0).integers(0, 256, (batch, *info.shape), dtype=np.uint8)
    if info.dtype == "float32":
        return (pixels.astype(np.float32) - 128) / np.float32(64)
    return pixels.view(info.dtype)


def _profile(
    model: Model, inputs: Mapping[str, npt.NDArray[Any]], plan: Plan, run_ms: list[float]
) -> tuple[ProfiledStep, ...]:
    """Time the steps of about as many images as were timed."""
    images = max(_LEAST_PROFILED, min(plan.batch * len(run_ms), _MOST_PROFILED))
    repeated = {name: np.repeat(array[:1], images, axis=0) for name, array in inputs.items()}
    return model.profile(repeated)
