"""What runs in the process of a peer: load, warm up, time calls; the rules are those of bench."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from edgebin.errors import first_line
from edgebin.runtime.compare.peers import PEERS
from edgebin.runtime.measure.activity import activity, begin, end
from edgebin.runtime.measure.calls import Sampler, time_calls, time_one
from edgebin.runtime.measure.plan import Plan
from edgebin.runtime.measure.warmup import warm_up

_ROOT = Path("/")


def main() -> None:
    """Measure what the JSON in the last argument asks for and print JSON."""
    request = json.loads(sys.argv[-1])
    printed = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # what a runtime prints is no answer
    os.dup2(nowhere, 2)
    try:
        answer = _measure(request["peer"], request["path"], Plan(**request["plan"]))
    except MemoryError:
        raise
    except Exception as error:  # of another project's code: any kind
        answer = {"error": f"{PEERS[request['peer']].title}: {first_line(error)}"}
    with os.fdopen(printed, "w") as out:
        json.dump(answer, out)


def _measure(peer: str, path: str, plan: Plan) -> dict[str, object]:
    if plan.cores is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: plan.cores])
    start = time.perf_counter_ns()
    loaded = PEERS[peer].load(path, plan.threads, plan.batch)
    load_ms = (time.perf_counter_ns() - start) / 1e6
    first_ms = time_one(loaded.call)
    warmed = warm_up(lambda: time_one(loaded.call))
    before = begin(_ROOT)
    run_ms = time_calls(loaded.call, plan, Sampler(lambda _seconds: None))
    happened = activity(before, end(_ROOT), _ROOT)
    return {
        "load_ms": load_ms,
        "first_ms": first_ms,
        "run_ms": run_ms,
        "warmup": warmed.calls,
        "stable": warmed.stable,
        "inputs": loaded.inputs,
        "activity": asdict(happened),
    }
