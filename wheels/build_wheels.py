"""Builds the wheels of edgebin, for other machines too: `python wheels/build_wheels.py`.

One compiler builds all of them, zig's clang from PyPI, which targets every glibc. What a wheel
needs from its system is checked before it gets its name. Needs `pip install '.[wheels]'`, cmake,
ninja and an interpreter with headers of each version of Python.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pythons
from audit import check
from command import Parser, WheelError, run
from hardening import weaknesses
from headers import write_headers
from machines import MACHINES, Machine
from pythons import VERSIONS, Python

_ROOT = Path(__file__).resolve().parent.parent
_BUILD = """
import json, sys
from scikit_build_core.build import build_wheel
build_wheel(sys.argv[1], json.loads(sys.argv[2]))
"""


def main(words: Sequence[str] | None = None) -> int:
    """Build what the words of a command line ask for; return the exit code."""
    parser = Parser(description="Build wheels of edgebin.")
    parser.add_argument("--output", type=Path, default=Path("dist"), metavar="FOLDER")
    parser.add_argument("--machine", action="append", choices=sorted(MACHINES))
    parser.add_argument("--python", action="append", choices=VERSIONS)
    parser.add_argument(
        "--interpreter",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="take this Python's headers for wheels of its version",
    )
    parser.add_argument("--build-dir", type=Path, default=_ROOT / "build/wheels", metavar="FOLDER")
    arguments = parser.parse_args(words)
    try:
        for tool in ("cmake", "ninja"):
            if shutil.which(tool) is None:
                raise WheelError(f"{tool}: expected the command on the PATH, found none")
        found = _pythons(arguments.python, arguments.interpreter)
        for name in arguments.machine or MACHINES:
            for python in found:
                build(MACHINES[name], python, arguments.output, arguments.build_dir.resolve())
    except WheelError as error:
        print(f"build_wheels: error: {error}", file=sys.stderr)
        return 2
    return 0


def build(machine: Machine, python: Python, output: Path, folder: Path) -> Path:
    """Build one wheel, check what it needs, and return its path.

    Args:
        machine: that it is for.
        python: whose headers it is compiled with.
        output: folder of the wheel, which appears there whole or not at all.
        folder: of the build; the C++ core is compiled once there for all versions of Python.

    Raises:
        WheelError: the build fails, or the wheel needs more than its tag says.
    """
    log = folder / f"{machine.name}-{python.version}.log"
    log.unlink(missing_ok=True)
    zig = _zig()
    compiler = (zig, "cc", "-target", machine.target)
    include = write_headers(python, folder / f"{machine.name}-{python.version}", compiler, log)
    settings = _settings(machine, python, include, zig) | {"build-dir": str(folder / machine.name)}
    try:
        output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", dir=output) as place:
            _backend(place, settings, log)
            (made,) = Path(place).glob("*.whl")
            for weakness in weaknesses(folder / machine.name / "compile_commands.json"):
                raise WheelError(f"{made.name}: expected to be hardened, found {weakness}")
            needs = check(made, machine, log)
            wheel = made.replace(output / made.name)
    except OSError as error:
        raise WheelError(f"{output}: cannot be written: {error.strerror}") from error
    glibc = ".".join(map(str, needs.glibc))
    size = wheel.stat().st_size / 1000
    print(f"{wheel}: {size:.0f} kB, needs glibc {glibc}, {needs.tag}", flush=True)
    return wheel


def _settings(machine: Machine, python: Python, include: Path, zig: Path) -> dict[str, str]:
    """What scikit-build-core is told: who compiles, for which machine and which Python."""
    defines = {
        "CMAKE_TOOLCHAIN_FILE": _ROOT / "cmake/zig.cmake",
        "CMAKE_EXPORT_COMPILE_COMMANDS": "ON",  # tells which protections were asked for
        "EDGEBIN_ZIG": zig,
        "EDGEBIN_ZIG_TARGET": machine.target,
        "EDGEBIN_ZIG_PROCESSOR": machine.name,
        "Python_EXECUTABLE": python.executable,
        "Python_INCLUDE_DIR": include,
        "PYBIND11_USE_CROSSCOMPILING": "ON",  # or it asks the interpreter for what follows
        "PYTHON_MODULE_EXTENSION": f".cpython-{python.tag[2:]}-{machine.triple}.so",
        "PYTHON_MODULE_DEBUG_POSTFIX": "",
        "PYTHON_IS_DEBUG": "OFF",
        "pybind11_DIR": _pybind11(),
    }
    tags = (f"{python.tag}-{python.tag}-{platform}" for platform in machine.platforms)
    return {
        "cmake.python-hints": "false",  # they name the interpreter that runs this
        "wheel.tags": ";".join(tags),
        **{f"cmake.define.{name}": str(value) for name, value in defines.items()},
    }


def _backend(place: str, settings: dict[str, str], log: Path) -> None:
    """Run the build backend that pyproject.toml names, in a process of its own."""
    words = [sys.executable, "-c", _BUILD, str(Path(place).resolve()), json.dumps(settings)]
    run(words, log=log, folder=_ROOT, environment=_same_bytes(log))


def _same_bytes(log: Path) -> dict[str, str]:
    """The time that files in the wheel get: the commit's, where there is one."""
    if "SOURCE_DATE_EPOCH" in os.environ or not (_ROOT / ".git").exists():
        return {}
    seconds = run(["git", "log", "-1", "--format=%ct"], log=log, folder=_ROOT)
    return {"SOURCE_DATE_EPOCH": seconds.strip()}


def _pythons(wanted: Sequence[str] | None, given: Sequence[Path]) -> list[Python]:
    """An interpreter of each version; those not asked for by name may be missing.

    Raises:
        WheelError: one that was asked for is missing, or all are.
    """
    found = {version: pythons.find(version, given) for version in wanted or VERSIONS}
    missing = ", ".join(version for version, python in found.items() if python is None)
    there = [python for python in found.values() if python is not None]
    if missing and (wanted or not there):
        raise WheelError(f"Python {missing}: expected an interpreter with Python.h, found none")
    if missing:
        print(f"no interpreter with Python.h for {missing}: no wheels of it", file=sys.stderr)
    return there


def _zig() -> Path:
    spec = importlib.util.find_spec("ziglang")
    if spec is None or not spec.submodule_search_locations:
        raise WheelError("ziglang: expected the package, found none: pip install '.[wheels]'")
    return Path(spec.submodule_search_locations[0]) / "zig"


def _pybind11() -> Path:
    spec = importlib.util.find_spec("pybind11")
    if spec is None or not spec.submodule_search_locations:
        raise WheelError("pybind11: expected the package, found none: pip install '.[wheels]'")
    return Path(spec.submodule_search_locations[0]) / "share/cmake/pybind11"


if __name__ == "__main__":
    sys.exit(main())
