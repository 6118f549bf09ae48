"""Makes or measures one model in a process of its own, with the same rules for every runtime.

A process is restricted to as many cores as it has threads, imports numpy and Pillow (so that every
process starts from the same baseline), imports the runtime, loads the model, warms up, and times a
fixed number of calls. Then it reports what it measured. Run as a script, this file is that process.
It imports edgebin only where edgebin is measured, so that the memory of a peer is the peer's alone.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from runtimes import PEERS
from runtimes.peer import Job

_LIMIT_S = 600


class ProcessFailedError(Exception):
    """A process failed; the message is the last line that it printed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one process measured: times in milliseconds, memory in bytes of peak resident set.

    Args:
        load_ms: from path to ready model, without the import of the runtime.
        first_ms: the first call.
        median_ms, p90_ms, min_ms: of the timed calls.
        ground_memory_bytes: after the import of numpy and Pillow.
        import_memory_bytes: after the import of the runtime.
        peak_memory_bytes: after the timed calls.
        facts: what the runtime reports about itself.
        logits: of the last call, flat.
    """

    load_ms: float
    first_ms: float
    median_ms: float
    p90_ms: float
    min_ms: float
    ground_memory_bytes: int
    import_memory_bytes: int
    peak_memory_bytes: int
    facts: dict[str, object]
    logits: list[float]


def make_model(peer: str, network: str, precision: str, folder: Path) -> Path:
    """Return the path of a peer's model; make it unless the folder has it already.

    Raises:
        ProcessFailedError: the peer's tools failed.
    """
    name = f"{network}-{peer}-{precision}"
    path = folder / f"{name}{PEERS[peer].suffix}"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as unfinished:
        made = Path(unfinished) / path.name
        _child({"make": [peer, network, precision, str(made)]}, {})
        companions = [file for file in made.parent.iterdir() if file != made]
        for file in [*companions, made]:  # the main file last, so that an existing one is complete
            file.replace(folder / file.name)
    return path


def model_bytes(path: Path) -> int:
    """Return the size of a model's file and its companions, in bytes."""
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.stem}.*"))


def measure(job: Job, *, warmup: int, runs: int, environment: Mapping[str, str]) -> Seen:
    """Measure a model in a fresh process.

    Args:
        job: what to run.
        warmup: calls between the first and the timed ones.
        runs: timed calls.
        environment: of that process only, which inherits no other peer's switch.

    Raises:
        ProcessFailedError: the process failed.
    """
    answer = _child({"job": asdict(job), "warmup": warmup, "runs": runs}, environment)
    return Seen(**json.loads(answer))


def _child(request: Mapping[str, object], environment: Mapping[str, str]) -> str:
    command = [sys.executable, __file__, json.dumps(request)]
    switches = {name for peer in PEERS.values() for name in peer.avx2 or {}}
    try:
        child = subprocess.run(
            command,
            env={**{k: v for k, v in os.environ.items() if k not in switches}, **environment},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        raise ProcessFailedError(f"no answer within {_LIMIT_S} s") from None
    if child.returncode < 0:
        raise ProcessFailedError(f"ended by signal {-child.returncode}")
    if child.returncode:
        lines = [line for line in child.stderr.splitlines() if line.strip()]
        raise ProcessFailedError(lines[-1] if lines else f"ended with code {child.returncode}")
    return child.stdout.splitlines()[-1] if child.stdout else ""


def main() -> None:
    """Do what the JSON in the last argument requests; print a measurement as JSON."""
    request = json.loads(sys.argv[-1])
    if "make" in request:
        peer, network, precision, path = request["make"]
        PEERS[peer].make(network, precision, Path(path))
        return
    seen = _measure(Job(**request["job"]), request["warmup"], request["runs"])
    print(json.dumps(asdict(seen)))


def _measure(job: Job, warmup: int, runs: int) -> Seen:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: job.threads])
    import numpy as np
    import PIL.Image  # noqa: F401  # baseline of every process

    ground = _peak_memory()
    importlib.import_module(PEERS[job.peer].module)
    imported = _peak_memory()
    start = time.perf_counter_ns()
    loaded = PEERS[job.peer].load(job)
    load_ms = (time.perf_counter_ns() - start) / 1e6
    loaded.feed()
    times = []
    for _ in range(1 + warmup + runs):
        start = time.perf_counter_ns()
        logits = loaded.run()
        times.append((time.perf_counter_ns() - start) / 1e6)
    peak = _peak_memory()
    timed = times[1 + warmup :]
    median, p90 = np.percentile(timed, (50, 90)).tolist()
    return Seen(
        load_ms=load_ms,
        first_ms=times[0],
        median_ms=median,
        p90_ms=p90,
        min_ms=min(timed),
        ground_memory_bytes=ground,
        import_memory_bytes=imported,
        peak_memory_bytes=peak,
        facts=loaded.facts(),
        logits=np.asarray(logits, np.float64).ravel().tolist(),
    )


def _peak_memory() -> int:
    """Read what `edgebin.machine.peak_memory` reads, without edgebin in a peer's process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    raise OSError("/proc/self/status: no VmHWM")


if __name__ == "__main__":
    main()
