"""Kills commands that write files at random moments: no file may be lost.

    python tests/soak/kill.py [--kills 200] [--seed 0] [--signals KILL INT TERM]
        [--cases train refine export plot bench]

Signals are drawn from those named, by default SIGKILL alone. After SIGINT and SIGTERM there must be
one line that says so, the exit code 130 or 143 and no temporary file.
Half of the kills come at any moment of a command's course, half within a few milliseconds of the
moment when it begins to write a file. After each the files are the old ones or the new ones, no
more than one temporary file is left in a folder, and no process. A training that was killed goes on
until the next kill, and must end as one that nobody killed, to the bit. What fails is one line and
exit code 1. Each command runs in a fork of this process, which has loaded what all of them need.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import numpy as np
import torch

from edgebin.cli.app import main as run_command
from edgebin.cli.terminal.interrupt import end_on_signals
from edgebin.errors import EdgebinError
from edgebin.files.atomic_write import PREFIX, SUFFIX
from kill_cases import CASES, Case, write_inputs

HANG_S = 120.0
_SLOW_TO_LOAD = (
    "edgebin.exporter",
    "edgebin.train.loop",
    "edgebin.refine.run",
    "torch._dynamo",
    "torch._export",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SOON_S = 0.004  # after a temporary file has appeared
_LOOK_S = 0.0002


def start(case: Case) -> int:
    """Run the case's next command in a process of its own; return its id."""
    words = case.words()
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    child = os.fork()
    if child:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        return child
    try:
        os.setpgid(0, 0)
        end_on_signals()
        said = os.open(case.home / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        run_command(words)
    except SystemExit as end:
        os._exit(int(end.code or 0))
    except BaseException:
        traceback.print_exc()
    os._exit(70)


def ended(child: int, seconds: float) -> int | None:
    """Wait for a process; its status, or None where it still runs then."""
    stop = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return status
        if time.monotonic() >= stop:
            return None
        time.sleep(_LOOK_S)


def temporaries(case: Case) -> list[Path]:
    """What writes of the case have not finished, or left behind."""
    return list(case.folder.rglob(f"{PREFIX}*{SUFFIX}"))


def kill(case: Case, seconds: float, number: int, random: np.random.Generator) -> str:
    """Run the case's command and kill it; how it went: killed, killed while writing, finished."""
    left = set(temporaries(case))
    child = start(case)
    writing = bool(random.random() < 0.5)
    status = ended(child, random.uniform(0, seconds))
    while writing and status is None and not set(temporaries(case)) - left:
        status = ended(child, _LOOK_S)
    if writing and status is None:
        status = ended(child, random.uniform(0, _SOON_S))
    if status is None:
        os.kill(child, number)
        status = ended(child, HANG_S)
    wait_for_group(child)
    new = set(temporaries(case)) - left
    if status == 0:
        finish(case, status)
        return "finished"
    check_end(case, number, status)
    assert number == signal.SIGKILL or not new, "a temporary file is left where none need be"
    case.check(finished=False)
    by_folder = Counter(path.parent for path in temporaries(case))
    assert not by_folder or max(by_folder.values()) == 1, f"temporary files pile up: {by_folder}"
    return "killed while writing" if new else "killed"


def check_end(case: Case, number: int, status: int | None) -> None:
    """Check how a command ended that was told to end."""
    said = (case.home / "said.txt").read_text()
    assert status is not None, f"it goes on for {HANG_S} s"
    if number == signal.SIGKILL:
        assert os.waitstatus_to_exitcode(status) == -number, said
        return
    assert os.waitstatus_to_exitcode(status) == 128 + number, said
    assert said.splitlines()[-1].startswith("edgebin: interrupted; "), said
    assert not any(word in said for word in ("Traceback", "Exception", "Error")), said


def finish(case: Case, status: int | None) -> None:
    """Check what a command left that came to its end."""
    assert status == 0, (case.home / "said.txt").read_text()
    case.check(finished=True)
    assert not temporaries(case), "a temporary file is left where the last write went well"


def wait_for_group(group: int) -> None:
    """Wait until the processes that a killed one started are gone too, as they must be soon."""
    stop = time.monotonic() + 10
    while time.monotonic() < stop:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.005)
    os.killpg(group, signal.SIGKILL)
    raise AssertionError("a process that it started lives on")


def undisturbed(case: Case) -> float:
    """Run the case's command to its end and take its files as what is expected; the seconds."""
    began = time.monotonic()
    status = ended(start(case), HANG_S)
    assert status == 0, (case.home / "said.txt").read_text()
    case.keep()
    return time.monotonic() - began


def attack(home: Path, options: argparse.Namespace) -> dict[str, Counter[str]]:
    """Kill the cases in turn until they were killed often enough, and see each to its end.

    Args:
        home: an empty folder.
        options: kills, seed, signals and cases, as `main` takes them.

    Returns:
        What happened, by case.

    Raises:
        AssertionError: a file is not whole, a result differs, or something is left behind.
        EdgebinError: a checkpoint is damaged.
        OSError: a file is missing or no image.
    """
    write_inputs(home)
    names = [kind.name for kind in CASES]
    needed = CASES[: max(names.index(name) for name in options.cases) + 1]
    ready = [
        (case, undisturbed(case), undisturbed(case)) for case in (kind(home) for kind in needed)
    ]
    chosen = [(case, min(seconds)) for case, *seconds in ready if case.name in options.cases]
    random = np.random.default_rng(options.seed)
    told = {case.name: Counter[str]() for case, _ in chosen}
    done = 0
    while done < options.kills:
        for case, seconds in chosen:
            name = random.choice(options.signals)
            outcome = kill(case, seconds, signal.Signals[f"SIG{name}"], random)
            finished = outcome == "finished"
            told[case.name][outcome if finished else f"{outcome} by {name}"] += 1
            done += not finished
    for case, _ in chosen:
        finish(case, ended(start(case), HANG_S))
    return told


def main(words: list[str]) -> int:
    """Run; return the exit code."""
    parser = argparse.ArgumentParser(description="Kill commands while they write files.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--signals", nargs="+", choices=("KILL", "INT", "TERM"), default=["KILL"])
    names = [case.name for case in CASES]
    parser.add_argument("--cases", nargs="+", choices=names, default=names)
    options = parser.parse_args(words)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
    torch.set_num_threads(1)
    for name in _SLOW_TO_LOAD:
        with contextlib.suppress(ModuleNotFoundError):  # without the extra `plot`
            importlib.import_module(name)
    with tempfile.TemporaryDirectory() as home:
        try:
            told = attack(Path(home), options)
        except (AssertionError, EdgebinError, OSError) as error:
            print(f"kill.py --seed {options.seed}: {' '.join(str(error).split())[-2000:]}")
            return 1
    for name, counts in told.items():
        print(f"{name}: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    print(f"seed {options.seed}: all files whole, every killed training ended as one that was not")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
