"""The C++ side keeps its rooms apart: directions of includes, and what an ISA folder may emit.

An instruction-set folder is compiled with flags of its own, and the linker keeps one copy of every
weak symbol: a `std::vector` there could put AVX instructions into the whole program. A static
initialiser there would run at import, on machines without the instruction set. So each object
holds one global function and nothing that runs by itself.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CSRC = ROOT / "csrc"

# room -> rooms whose headers it may include, besides its own
ROOMS = {
    "base": set(),
    "kernels": {"base"},
    "graph": {"base"},
    "file": {"graph", "base"},
    "ops": {"kernels", "graph", "base"},
    "runtime": {"ops", "file", "graph", "base", "kernels", "edgebin"},
    "python": {"runtime", "ops", "file", "graph", "base", "kernels", "edgebin"},
    "c_api": {"base", "edgebin"},
    "cli": {"base", "edgebin"},
    "include": {"edgebin"},
}
ISA_FOLDERS = sorted(path for path in (CSRC / "kernels").iterdir() if path.is_dir())
ISA_FILES = sorted(file for folder in ISA_FOLDERS for file in folder.iterdir())
ISA_INCLUDES = {"<cstddef>", "<cstdint>", '"kernels/kernels.h"'}
INTRINSICS = {"<immintrin.h>", "<arm_neon.h>"}
FLAGS = {
    name: flags.split()
    for name, flags in re.findall(
        r"^\s*edgebin_isa\((\w+)([^)]*)\)",
        (CSRC / "kernels/CMakeLists.txt").read_text(),
        re.MULTILINE,
    )
}


def includes(file: Path) -> list[str]:
    """What the file's `#include` lines name, brackets or quotes kept."""
    return re.findall(r'^\s*#\s*include\s*(<[^>]*>|"[^"]*")', file.read_text(), re.MULTILINE)


def name(path: Path) -> str:
    """The path inside csrc/, as the name of a test case."""
    return str(path.relative_to(CSRC))


@pytest.mark.parametrize("room", sorted(path.name for path in CSRC.iterdir() if path.is_dir()))
def test_rooms_include_only_in_their_direction(room: str) -> None:
    allowed = ROOMS[room] | {room}
    sources = [file for file in (CSRC / room).rglob("*") if file.suffix in {".h", ".cc"}]
    wrong = [
        f"{name(file)} includes {target}"
        for file in sources
        for target in includes(file)
        if target.startswith('"') and target.strip('"').split("/")[0] not in allowed
    ]
    assert not wrong


def test_quoted_includes_exist() -> None:
    missing = [
        f"{name(file)} includes {target}"
        for file in CSRC.rglob("*")
        if file.suffix in {".h", ".cc"}
        for target in includes(file)
        if target.startswith('"')
        and not any((base / target.strip('"')).is_file() for base in (CSRC, CSRC / "include"))
    ]
    assert not missing


def test_every_isa_folder_holds_the_same_files() -> None:
    listed = re.search(r"EDGEBIN_KERNEL_FILES ([^)]*)\)", (ROOT / "cmake/isa.cmake").read_text())
    assert listed is not None
    expected = {f"{stem}.cc" for stem in listed[1].split()}
    assert {folder.name: {file.name for file in folder.iterdir()} for folder in ISA_FOLDERS} == {
        folder.name: expected for folder in ISA_FOLDERS
    }


def test_every_isa_folder_is_built() -> None:
    assert {folder.name for folder in ISA_FOLDERS} == set(FLAGS)


@pytest.mark.parametrize("file", ISA_FILES, ids=name)
def test_isa_files_include_only_what_emits_nothing(file: Path) -> None:
    allowed = ISA_INCLUDES | (INTRINSICS if file.parent.name != "scalar" else set())
    assert set(includes(file)) <= allowed


def compile_isa_file(file: Path, target: Path) -> None:
    """Compile one file as its folder is built; skips where that cannot be done here."""
    compiler = shutil.which("g++")
    if compiler is None or shutil.which("nm") is None:
        pytest.skip("needs g++ and nm")
    if FLAGS[file.parent.name] and platform.machine() != "x86_64":
        pytest.skip(f"needs an x86-64 compiler, this is {platform.machine()}")
    command = [compiler, "-std=c++20", "-O3", "-fPIC", "-ffp-contract=off", f"-I{CSRC}"]
    subprocess.run(
        [*command, *FLAGS[file.parent.name], "-c", str(file), "-o", str(target)], check=True
    )


@pytest.mark.parametrize("file", ISA_FILES, ids=name)
def test_isa_objects_expose_one_function_and_run_nothing(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "kernel.o"
    compile_isa_file(file, target)
    listing = subprocess.run(
        ["nm", "--demangle", str(target)], check=True, capture_output=True, text=True
    ).stdout
    symbols = [line[17:].split(" ", 1) for line in listing.splitlines()]
    exposed = [symbol for kind, symbol in symbols if kind.isupper() and kind != "U"]
    weak = [symbol for kind, symbol in symbols if kind in "vVwWu"]
    function = "install" if file.stem == "install" else f"install_{file.stem}"
    space = f"edgebin::kernels::{file.parent.name}"
    assert exposed == [f"{space}::{function}(edgebin::kernels::Kernels&)"]
    assert not weak
    assert not [symbol for _, symbol in symbols if "GLOBAL__sub_I" in symbol]
    sections = subprocess.run(
        ["readelf", "--sections", "--wide", str(target)], check=True, capture_output=True, text=True
    ).stdout
    assert ".init_array" not in sections
    assert ".ctors" not in sections
