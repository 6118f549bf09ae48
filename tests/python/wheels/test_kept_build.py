"""A kept build folder: the next installation compiles what changed, all that it concerns, no more.

The build is the real one, but for the compiler: a launcher writes down which file is compiled, lets
the compiler find the headers, and leaves an empty object file, so that a build takes seconds.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BUILD = "import sys; from scikit_build_core.build import build_wheel as build; build(sys.argv[1])"
LAUNCHER = f"""#!{sys.executable} -SE
import os, shutil, subprocess, sys
words = sys.argv[1:]
if "CMakeScratch" in os.getcwd() or "CMakeTmp" in os.getcwd():
    os.execvp(words[0], words)
source, made, headers = (words[words.index(option) + 1] for option in ("-c", "-o", "-MF"))
with open(os.environ["COMPILED"], "a") as record:
    record.write(source + "\\n")
if "/csrc/python/" in source:
    subprocess.run([*words, "-E"], check=True)
else:  # without the headers of the system, which are nine tenths of the time
    words[words.index("-MD")] = "-MM"
    subprocess.run([*words, "-MG", "-nostdinc", "-nostdinc++"], check=True)
    target, names = open(headers).read().replace("\\\\\\n", " ").split(":", 1)
    with open(headers, "w") as file:
        file.write(target + ": " + " ".join(filter(os.path.exists, names.split())))
shutil.copy(os.path.dirname(sys.argv[0]) + "/empty.o", made)
"""
FLAGS = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "CMAKE_ARGS", "CPATH")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not all(importlib.util.find_spec(name) for name in ("scikit_build_core", "pybind11"))
        or not shutil.which("cmake"),
        reason="scikit-build-core, pybind11 or cmake is not installed (extra wheels)",
    ),
]


@dataclass
class Tree:
    """A copy of the sources, which builds a wheel and says which files it compiled."""

    root: Path
    launcher: Path
    packages: str = ""

    def compiled(self, python: str = sys.executable, **flags: str) -> set[str]:
        record = self.root / "compiled.txt"
        record.unlink(missing_ok=True)
        kept = {name: value for name, value in os.environ.items() if name not in FLAGS}
        environment = {
            **kept,
            "PYTHONPATH": self.packages,
            "CMAKE_CXX_COMPILER_LAUNCHER": str(self.launcher),
            "COMPILED": str(record),
            **flags,
        }
        command = [python, "-c", BUILD, str(self.root / "wheels")]
        done = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        lines = record.read_text().splitlines() if record.exists() else []
        return {str(Path(line).relative_to(self.root)) for line in lines}

    def sources(self) -> set[str]:
        found = self.root.glob("csrc/**/*.cc")
        return {str(path.relative_to(self.root)) for path in found}

    def wheels(self) -> list[str]:
        return sorted(path.name for path in (self.root / "wheels").glob("*.whl"))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Sources with a build folder in which everything is compiled."""
    root = tmp_path_factory.mktemp("tree")
    for name in ("cmake", "csrc", "python"):
        left_out = shutil.ignore_patterns("__pycache__", "*.so", "*.ebn")
        shutil.copytree(ROOT / name, root / name, ignore=left_out)
    for name in ("CMakeLists.txt", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root / name)
    launcher = root / "launcher.py"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)
    assemble = ["cc", "-x", "assembler", "-c", "-", "-o", str(root / "empty.o")]
    subprocess.run(assemble, input=b"", check=True)
    built = Tree(root, launcher)
    first = built.compiled()
    assert first <= built.sources()
    assert {"csrc/python/bindings.cc", "csrc/kernels/scalar/bit_serial.cc"} <= first
    return built


def test_a_second_build_compiles_nothing(tree: Tree) -> None:
    assert tree.compiled() == set()


def test_a_new_build_environment_compiles_nothing(tree: Tree, tmp_path: Path) -> None:
    """As pip makes one each time: the same packages in another place."""
    for name in ("pybind11", "scikit_build_core"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        shutil.copytree(Path(spec.origin).parent, tmp_path / name)
        site = Path(spec.origin).parents[1]
        for info in site.glob(f"{name}-*.dist-info"):
            shutil.copytree(info, tmp_path / info.name)
    tree.compiled()
    there = Tree(tree.root, tree.launcher, packages=str(tmp_path))
    assert there.compiled() == set()


def test_a_changed_header_compiles_what_includes_it(tree: Tree) -> None:
    tree.compiled()
    header = sorted(tree.root.glob("csrc/graph/*.h"))[0]
    named = f'#include "graph/{header.name}"'
    direct = {name for name in tree.sources() if named in (tree.root / name).read_text()}
    header.write_text(header.read_text() + "\n// Changed.\n")
    everything = tree.sources()
    again = tree.compiled()
    built = {name for name in direct if "/cli/" not in name and "/c_api/" not in name}
    assert built
    assert built <= again
    assert again < everything


def test_another_flag_compiles_everything(tree: Tree) -> None:
    tree.compiled()
    again = tree.compiled(CXXFLAGS="-DANOTHER_FLAG=1")
    assert {"csrc/python/bindings.cc", "csrc/kernels/scalar/bit_serial.cc"} <= again
    assert tree.compiled(CXXFLAGS="-DANOTHER_FLAG=1") == set()
    assert tree.compiled() == again  # the flag is not kept either


def test_a_compiler_that_was_replaced_compiles_everything(tree: Tree, tmp_path: Path) -> None:
    """The path is the same, and so is every command."""
    compilers = [path for path in map(shutil.which, ("g++", "clang++")) if path is not None]
    if len(compilers) < 2:
        pytest.skip("there is one compiler alone")
    script = tmp_path / "c++"

    def use(compiler: str) -> set[str]:
        script.write_text(f'#!/bin/sh\nexec {compiler} "$@"\n')
        script.chmod(0o755)
        return tree.compiled(CXX=str(script))

    first = use(compilers[0])
    assert use(compilers[0]) == set()
    assert use(compilers[1]) == first


def test_another_python_has_a_folder_of_its_own(tree: Tree) -> None:
    tree.compiled()
    other = another_python()
    if other is None:
        pytest.skip("there is no other Python with headers")
    python, tag = other
    packages = sysconfig.get_path("purelib")
    there = Tree(tree.root, tree.launcher, packages=packages)
    again = there.compiled(python)
    assert "csrc/python/bindings.cc" in again
    assert any(f"-{tag}-{tag}-" in name for name in tree.wheels())
    assert len(list(tree.root.glob("build/cp*"))) == 2
    assert tree.compiled() == set()


def another_python() -> tuple[str, str] | None:
    """Another interpreter that can build, and its tag, such as cp312."""
    asked = (
        "import os, sys, sysconfig, scikit_build_core.build;"
        "assert os.path.exists(sysconfig.get_path('include') + '/Python.h');"
        "assert sys.implementation.name == 'cpython';"
        "print(f'cp{sys.version_info[0]}{sys.version_info[1]}')"
    )
    here = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    folders = [*os.environ.get("PATH", "").split(os.pathsep)]
    folders += [str(path) for path in Path.home().glob(".pyenv/versions/*/bin")]
    for folder in folders:
        for path in sorted(Path(folder).glob("python3.*")):
            if not re.fullmatch(r"python3\.1\d", path.name):
                continue
            environment = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}
            command = [str(path), "-c", asked]
            done = subprocess.run(
                command, capture_output=True, text=True, env=environment, check=False
            )
            tag = done.stdout.strip()
            if done.returncode == 0 and tag != here:
                return str(path), tag
    return None
