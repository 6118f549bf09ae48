"""Runs random networks against the oracle until time is up: bits, on everything that may run them.

    python tests/soak/stress.py [--seconds 600] [--seed 0] [--case N]

Every network of `stress_cases.py` runs on every instruction set, each with two numbers of threads
from 1 to 8 and once with kernels prescribed to its layers at random. A difference, a crash or a
hang ends it with exit code 1 and one line, which `--seed S --case N` reproduces.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import numpy as np
import numpy.typing as npt

import edgebin
from edgebin.errors import OptionError
from edgebin.graph.format import write
from edgebin.graph.ir import Graph
from edgebin.graph.reference import run
from graphs.against_oracle import KERNELS, assert_same_bits
from graphs.sketch import network
from graphs.strategies import Case
from stress_cases import draw_case

MOST_THREADS = 8
HANG = 180.0  # seconds that a network may take; the longest take a few


def check_case(seed: int, index: int, path: Path) -> Counter[str]:
    """Draw one network, write it to `path` and run it everywhere; return what ran, by name.

    Raises:
        AssertionError: it differs from the oracle.
    """
    rng = np.random.default_rng((seed, index))
    case = draw_case(rng)
    ran = Counter(networks=1, nodes=len(case.graph.nodes), images=case.count)
    expected = run(case.graph, case.images)
    write(network(case.graph), path)
    for isa in edgebin.isas():
        for threads in rng.choice(MOST_THREADS, 2, replace=False) + 1:
            ran += check_run(path, case, expected, isa, int(threads), {})
        wishes = wishes_for(path, case.graph, isa, rng)
        threads = int(rng.integers(1, MOST_THREADS + 1))
        ran += check_run(path, case, expected, isa, threads, wishes)
    return ran


def check_run(
    path: Path,
    case: Case,
    expected: list[npt.NDArray[np.float32]],
    isa: str,
    threads: int,
    wishes: dict[str, str],
) -> Counter[str]:
    """Compare one model's outputs with what is expected; return what ran."""
    model = edgebin.load(path, isa=isa, threads=threads, kernels=wishes)
    found = model.run_outputs(case.images)
    what = f"{isa}, {threads} threads, kernels {wishes}"
    for name, ours in zip(case.graph.outputs, expected, strict=True):
        assert_same_bits(one_nan(found[name]), one_nan(ours), f"{name} on {what}")
    return Counter([f"runs on {isa}", f"runs with {threads} threads", *wishes.values()])


def one_nan(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the values with one NaN for all: IEEE 754 leaves open which one an operation gives."""
    return np.where(np.isnan(values), np.float32(np.nan), values)


def wishes_for(path: Path, graph: Graph, isa: str, rng: np.random.Generator) -> dict[str, str]:
    """Draw a kernel for each layer of products, of those that can serve it."""
    wishes: dict[str, str] = {}
    for node in graph.nodes:
        if node.op not in ("conv", "linear"):
            continue
        for kernel in rng.permutation(np.array(KERNELS)):
            wish = {node.name: str(kernel)}
            try:
                edgebin.load(path, isa=isa, kernels=wish)
            except OptionError:
                continue
            wishes |= wish
            break
    return wishes


def work(seed: int, indices: Iterable[int], path: Path, pipe: Connection) -> None:
    """Check cases one after another; send each one's index, then what ran or what went wrong."""
    for index in indices:
        pipe.send(index)
        try:
            pipe.send(check_case(seed, index, path))
        except Exception as error:
            pipe.send(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
            return


class Report:
    """What a worker told so far."""

    def __init__(self) -> None:
        self.ran: Counter[str] = Counter()
        self.index: int | None = None  # of the case it is at
        self.failure: str | None = None

    def listen(self, pipe: Connection, seconds: float) -> None:
        """Take what comes until time is up, something went wrong or the worker is gone."""
        stop = time.monotonic() + seconds
        while self.failure is None and time.monotonic() < stop:
            if not pipe.poll(HANG):
                self.failure = f"hangs for {HANG:.0f} s"
                return
            try:
                told = pipe.recv()
            except EOFError:
                return
            if isinstance(told, int):
                self.index = told
            elif isinstance(told, str):
                self.failure = told
            else:
                self.ran += told


def stress(seed: int, indices: Iterable[int], seconds: float) -> Report:
    """Check cases in a process of their own, for a crash or a hang must not go untold."""
    spawn = multiprocessing.get_context("spawn")
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        pipe, end = spawn.Pipe(duplex=False)
        arguments = (seed, indices, Path(folder) / "case.ebn", end)
        worker = spawn.Process(target=work, args=arguments, daemon=True)
        worker.start()
        end.close()
        report.listen(pipe, seconds)
        worker.join(timeout=1)  # at its end, if it has come to it
        if worker.exitcode is None:
            worker.kill()
            worker.join()
        elif worker.exitcode != 0 and report.failure is None:
            report.failure = f"process ended with {worker.exitcode}"
    return report


def main(arguments: list[str]) -> int:
    """Run; return the exit code."""
    parser = argparse.ArgumentParser(description="Random networks against the oracle.")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int, help="run this one alone")
    options = parser.parse_args(arguments)
    indices: Iterable[int] = range(sys.maxsize)
    if options.case is not None:
        indices = [options.case]
    report = stress(options.seed, indices, options.seconds)
    print(
        f"seed {options.seed}:", ", ".join(f"{n} {what}" for what, n in sorted(report.ran.items()))
    )
    if report.failure is None:
        return 0
    print(f"stress.py --seed {options.seed} --case {report.index}: {report.failure}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
