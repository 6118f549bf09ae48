"""Tries wheels as a user gets them: `python wheels/try_wheels.py dist/*.whl`.

Each is installed where its tag says it belongs, this machine or an emulated one, classifies an
image by a shipped model, and runs the tests of the runtime. Cores of other machines are
imitated by qemu, which ends a program at an instruction that the core lacks. Emulated time says
nothing of a board's.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import systems
from command import Parser, WheelError, run
from machines import MACHINES, Machine
from systems import System

_ROOT = Path(__file__).resolve().parent.parent
_TESTS = ("cli", "graph", "runtime", "test_stress.py")
_WITHOUT_IMAGES = ("graph",)
# One process, for an emulated interpreter cannot start another; and the warnings of other versions
# of what the tests need are none of edgebin's.
_OPTIONS = (
    *("-q", "-p", "no:cacheprovider", "--timeout=1800"),
    *("-m", "not slow", "-o", "addopts=--import-mode=importlib", "-o", "filterwarnings=default"),
)


def main(words: Sequence[str] | None = None) -> int:
    """Try what the words of a command line name; return the exit code."""
    parser = Parser(description="Install wheels of edgebin and run the runtime's tests.")
    parser.add_argument("wheels", nargs="+", type=Path, metavar="WHEEL")
    parser.add_argument("--core", action="append", help="imitate this core, not all (repeatable)")
    parser.add_argument("--tests", action="append", choices=_TESTS, help="run these, not all")
    parser.add_argument(
        "--work-dir", type=Path, default=_ROOT / "build/wheels/try", metavar="FOLDER"
    )
    arguments = parser.parse_args(words)
    try:
        for wheel in arguments.wheels:
            _try(wheel, arguments)
    except WheelError as error:
        print(f"try_wheels: error: {error}", file=sys.stderr)
        return 2
    return 0


def _try(wheel: Path, arguments: argparse.Namespace) -> None:
    """Try one wheel on every system that it is asked for."""
    version, machine = tag_of(wheel)
    folder = arguments.work_dir.resolve()
    log = folder / f"{wheel.stem}.log"
    log.unlink(missing_ok=True)
    if machine.name == platform.machine():
        environment = folder / f"{machine.name}-{version}"
        tried = systems.native(wheel, machine, version, environment, log)
    elif (machine.name, version) not in systems.EMULATED:
        had = ", ".join(known for name, known in systems.EMULATED if name == machine.name)
        print(f"{wheel.name}: not tried: there is Python {had or 'none'} to emulate", flush=True)
        return
    else:
        if shutil.which(machine.emulator) is None:
            raise WheelError(f"{machine.emulator}: expected the command on the PATH, found none")
        cores = tuple(arguments.core or machine.cores)
        tried = systems.emulated(wheel, machine, version, cores, folder, log)
    for system in tried:
        seen = classify(system, log) if system.images else "no image (Pillow is too old)"
        tests = tuple(arguments.tests or (_TESTS if system.images else _WITHOUT_IMAGES))
        print(f"{wheel.name} on {system.name}: {seen}; {test(system, tests, log)}", flush=True)


def tag_of(wheel: Path) -> tuple[str, Machine]:
    """The version of Python and the machine that a wheel's name says it is for.

    Raises:
        WheelError: it is no wheel that `build_wheels.py` makes.
    """
    name = re.fullmatch(r"edgebin-[^-]+-cp3(\d+)-cp3\d+-(.+)\.whl", wheel.name)
    if name is None or not wheel.is_file():
        raise WheelError(f"{wheel}: expected a wheel of edgebin, found none")
    for machine in MACHINES.values():
        if sorted(name[2].split(".")) == sorted(machine.platforms):
            return f"3.{name[1]}", machine
    raise WheelError(f"{wheel.name}: expected a machine of {', '.join(MACHINES)}, found {name[2]}")


def classify(system: System, log: Path) -> str:
    """What a shipped model sees on the sample image of a ship.

    Raises:
        WheelError: the command fails, or sees something else.
    """
    image = _ROOT / "examples/ship.png"
    words = [*system.python, "-m", "edgebin", "run", "cifar10-resnet20", str(image), "--json"]
    output = run(words, log=log, folder=log.parent, environment=system.environment)
    try:
        answer = json.loads(output)
        best = answer["results"][0]["predictions"][0]
        label, score, isa = str(best["label"]), float(best["score"]), str(answer["isa"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise WheelError(f"{system.name}: expected predictions in JSON (all in {log})") from error
    if label != "ship":
        raise WheelError(f"{system.name}: expected to see a ship, found {label} (all in {log})")
    return f"{label} ({score:.1%}, {isa})"


def test(system: System, tests: Sequence[str], log: Path) -> str:
    """Run tests of the runtime; return how many did what.

    Raises:
        WheelError: one fails.
    """
    paths = [_ROOT / "tests/python" / name for name in tests]
    words = [*system.python, "-m", "pytest", *_OPTIONS, *map(str, paths)]
    output = run(words, log=log, folder=_ROOT, environment=system.environment)
    return output.strip().splitlines()[-1].strip("= ")


if __name__ == "__main__":
    sys.exit(main())
