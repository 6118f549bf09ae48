"""Measures edgebin against the runtimes that users would otherwise choose, on the same networks.

    python benchmarks/peers.py [--networks N ...] [--peers P ...] [--threads T ...] [--rounds R]
        [--runs K] [--models-dir DIR] [--output FILE.json] [--plot FILE.png]

A peer runs the float baseline of each of edgebin's networks (`runtimes/float_baselines.py`), in
float and quantized by its own tools. Weights are random, as speed does not depend on them. Every
measurement runs in a process of its own (`isolated.py`). A round measures every case once, in
random order, and ratios are taken within a round, so that a slow minute of the machine affects all
cases alike. At one thread, runtimes that can be restricted to AVX2 are also measured that way,
against edgebin's AVX2 kernels. The logits of a peer must agree with those of its float baseline as
far as its precision allows. Cases that cannot be measured are listed with the reason. Needs
`pip install '.[bench]'`. The converted models are kept in --models-dir, which must be emptied when
edgebin's file format or the version of a peer changes.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console

from arguments import Parser, count, plot_file, result_file, threads, usual_threads, writable_folder
from edgebin.errors import EdgebinError
from isolated import ProcessFailedError, Seen, make_model, measure, model_bytes
from progress import each
from result_files import about, write_result
from runtimes import PEERS
from runtimes.peer import Job, Peer
from speed.comparison import NO_SWITCH, OWN, Case, Comparison, Missing, switches
from suite import NETWORKS

SMALL_FACTOR = 10  # times the calls for networks of short ones
WARMUP = 5
AGREEMENT = 0.9  # correlation of logits; int8 of random weights stays above 0.96


def main() -> int:
    """Measure, print, and write; 1 where edgebin was not measured, 2 where a file cannot stand."""
    arguments = _arguments()
    notes = Console(stderr=True)
    start = time.monotonic()
    comparison = compare(
        cases(arguments.networks, arguments.peers, arguments.threads),
        rounds=arguments.rounds,
        runs=arguments.runs,
        models=arguments.models_dir,
        notes=notes,
    )
    comparison.missing += lacking(arguments.peers)
    result = {
        "what": "ms of one image; edgebin's binary networks, peers' float baselines of them",
        "rules": {
            "rounds": arguments.rounds,
            "runs": arguments.runs,
            "runs_of_small_networks": arguments.runs * SMALL_FACTOR,
            "process": "fresh for each measurement, held to as many cores as threads",
            "ratio_to_edgebin": "of medians in one round, at the same isa; above 1: edgebin faster",
            "smallest_ratio": "of the smallest of the rounds' medians, at the same isa",
        },
        "results": comparison.rows(),
        "missing": [_entry(missing) for missing in comparison.missing],
        "held_to_avx2_by": switches(),
        "seconds": round(time.monotonic() - start),
        **_about(arguments.peers),
    }
    Console(width=None if sys.stdout.isatty() else 180).print(comparison.table())
    for missing in comparison.missing:
        print("missing:", ", ".join(f"{key} {value}" for key, value in _entry(missing).items()))
    unheld = [PEERS[key].title for key in arguments.peers if PEERS[key].avx2 is None]
    if unheld:
        print(f"{NO_SWITCH} to hold it to AVX2:", ", ".join(unheld))
    try:
        if arguments.output is not None:
            write_result(result, arguments.output)
        if arguments.plot is not None:
            from speed.peers_chart import draw

            draw(result, arguments.plot)
    except (EdgebinError, OSError) as error:
        print(f"peers: error: {error}", file=sys.stderr)
        return 2
    return 0 if any(case.peer == OWN for case in comparison.seen) else 1


def cases(networks: list[str], peers: list[str], counts: list[int]) -> list[Case]:
    """Everything to measure; edgebin always, as ratios need it."""
    found = []
    for network in networks:
        for number in counts:
            for key in dict.fromkeys([OWN, *peers]):
                peer = PEERS[key]
                found += [Case(network, number, key, p, False) for p in peer.precisions]
                if number == 1:
                    found += [Case(network, number, key, p, True) for p in peer.held]
    return found


def lacking(peers: list[str]) -> list[Missing]:
    """What the peers themselves do not offer."""
    return [
        Missing(key, precision, reason)
        for key in peers
        for precision, reason in PEERS[key].lacks.items()
    ]


def compare(
    wanted: list[Case], *, rounds: int, runs: int, models: Path, notes: Console
) -> Comparison:
    """Make all models, then measure all cases in every round.

    Args:
        wanted: what to measure.
        rounds: how often each.
        runs: timed calls of a process.
        models: folder of made models.
        notes: where progress is shown.
    """
    from runtimes.float_baselines import logits  # PyTorch: missing, it is a refusal of the options

    networks = list(dict.fromkeys(case.network for case in wanted))
    comparison = Comparison(
        baselines={name: logits(name) for name in each(networks, "float baselines", notes)}
    )
    paths = _models(wanted, models, comparison, notes)
    order = [case for case in wanted if _model(case) in paths]
    failed: set[Case] = set()
    for index in range(rounds):
        random.Random(index).shuffle(order)
        for case in each(order, f"round {index + 1} of {rounds}", notes):
            if case in failed:
                continue
            path = paths[_model(case)]
            try:
                seen = _measure(case, path, runs)
                agreement = comparison.agreement(case, seen)
                if agreement is not None and not agreement >= AGREEMENT:
                    raise ProcessFailedError(
                        f"its logits are not the float baseline's: correlation {agreement:.3f}"
                    )
            except ProcessFailedError as error:
                failed.add(case)
                comparison.seen.pop(case, None)
                comparison.missing.append(_missing(case, str(error)))
                continue
            comparison.seen.setdefault(case, {})[index] = seen
            comparison.model_bytes[case] = model_bytes(path)
    return comparison


def _models(
    wanted: list[Case], folder: Path, comparison: Comparison, notes: Console
) -> dict[tuple[str, str, str], Path]:
    """Path of each model that could be made; the others are noted as missing."""
    paths: dict[tuple[str, str, str], Path] = {}
    for key in dict.fromkeys(case.peer for case in wanted):
        if not _installed(PEERS[key]):
            reason = f"{PEERS[key].packages[0]} is not installed: pip install '.[bench]'"
            comparison.missing += [Missing(key, p, reason) for p in PEERS[key].precisions]
            wanted = [case for case in wanted if case.peer != key]
    for model in each(list(dict.fromkeys(map(_model, wanted))), "models", notes):
        peer, network, precision = model
        try:
            paths[model] = make_model(peer, network, precision, folder)
        except ProcessFailedError as error:
            reason = f"its tools cannot make the model: {error}"
            comparison.missing.append(Missing(peer, precision, reason, network))
    return paths


def _model(case: Case) -> tuple[str, str, str]:
    return case.peer, case.network, case.precision


def _measure(case: Case, path: Path, runs: int) -> Seen:
    network = NETWORKS[case.network]
    factor = SMALL_FACTOR if network.small else 1
    job = Job(case.peer, str(path.resolve()), case.precision, case.threads, network.side)
    switch = PEERS[case.peer].avx2 if case.held else None
    return measure(job, warmup=WARMUP * factor, runs=runs * factor, environment=switch or {})


def _missing(case: Case, reason: str) -> Missing:
    return Missing(case.peer, case.precision, reason, case.network, case.threads, case.held)


def _entry(missing: Missing) -> dict[str, Any]:
    names = ("peer", "precision", "network", "threads", "held", "reason")
    found = {name: getattr(missing, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _installed(peer: Peer) -> bool:
    try:
        return importlib.util.find_spec(peer.module) is not None
    except ModuleNotFoundError:
        return False


def _about(peers: list[str]) -> dict[str, Any]:
    facts: dict[str, Any] = about()
    for key in peers:
        for package in PEERS[key].packages:
            try:
                facts["versions"][package] = version(package)
            except PackageNotFoundError:
                facts["versions"][package] = None
    return facts


def _arguments() -> argparse.Namespace:
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    names = [key for key in PEERS if key != OWN]
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--peers", nargs="+", choices=names, default=names)
    parser.add_argument("--threads", nargs="+", type=threads, default=usual_threads())
    parser.add_argument("--rounds", type=count, default=3, help="measurements of each case")
    parser.add_argument("--runs", type=count, default=30, help="timed calls in a measurement")
    parser.add_argument("--models-dir", type=writable_folder, default="build/peers")
    parser.add_argument("--output", type=result_file, help="where to write the result as JSON")
    parser.add_argument("--plot", type=plot_file, help="where to draw the result as an image")
    arguments = parser.parse_args()
    try:
        import torch  # noqa: F401  # builds the baselines
    except ImportError:
        parser.error("expected PyTorch, found none: pip install '.[bench]'")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
