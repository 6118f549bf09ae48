"""Folders of csrc/: the directions of their includes, and what an instruction-set folder may emit.

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
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CSRC = ROOT / "csrc"

# folder -> folders whose headers it may include, besides its own
FOLDERS = {
    "base": set(),
    "kernels": {"base"},
    "graph": {"base"},
    "file": {"graph", "base"},
    "ops": {"kernels", "graph", "base"},
    "runtime": {"ops", "file", "graph", "base", "kernels", "edgebin"},
    "python": {"tasks", "base", "edgebin"},
    "c_api": {"base", "edgebin", "tasks"},
    "tasks": {"base", "edgebin"},
    "cli": {"tasks", "base", "edgebin"},
    "include": {"edgebin"},
}
# folder of csrc/ops -> folders of it whose headers it may include, besides its own; "" is csrc/ops
# itself, whose operators `conv` and `linear` are read and chosen in conv/
OPS_FOLDERS = {
    "": set(),
    "activation": {"", "elementwise"},
    "conv": {"", "conv/algorithms", "conv/epilogue", "conv/im2col"},
    "conv/algorithms": {"", "conv", "conv/epilogue", "conv/im2col", "elementwise", "pool"},
    "conv/algorithms/matrix_tiles": {"", "conv", "conv/algorithms", "conv/epilogue"},
    "conv/epilogue": {"", "conv", "elementwise"},
    "conv/im2col": {"", "conv"},
    "elementwise": {""},
    "pool": {""},
    "reduce": {""},
    "shape": {""},
}
KERNELS = CSRC / "kernels"
GENERIC = KERNELS / "generic"
ISA_FOLDERS = sorted(path for path in KERNELS.iterdir() if path.is_dir() and path != GENERIC)
ISA_FILES = sorted(file for folder in (*ISA_FOLDERS, GENERIC) for file in folder.iterdir())
ISA_INCLUDES = {"<cstddef>", "<cstdint>", '"kernels/kernels.h"'} | {
    f'"kernels/generic/{file.name}"' for file in GENERIC.iterdir()
}
INTRINSICS = {"<immintrin.h>", "<arm_neon.h>"}
FAMILIES = re.findall(r"^  X\((\w+)\)", (KERNELS / "kernel_list.h").read_text(), re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Build:
    """One way that csrc/kernels/CMakeLists.txt compiles a folder."""

    folder: str
    base: str
    families: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def machine(self) -> str:
        """As `platform.machine()` names it; "" if any will do."""
        if self.folder.startswith("neon"):
            return "armv7l" if "-mfpu=neon" in self.flags else "aarch64"
        return "x86_64" if self.flags else ""

    @property
    def files(self) -> list[str]:
        """Names of the folder's files that it compiles."""
        return ["install.cc", *(f"{family}.cc" for family in self.families)]

    @property
    def definitions(self) -> list[str]:
        """What cmake/isa.cmake defines for the folder."""
        namespace = f"-DEDGEBIN_ISA_NAMESPACE={self.folder}"
        if not self.base:
            return [namespace]
        families = "".join(f"X({family})" for family in self.families)
        return [namespace, f"-DEDGEBIN_BASE={self.base}", f"-DEDGEBIN_FAMILIES={families}"]

    def tool(self, name: str) -> str | None:
        """The path of gcc's or binutils' `name` for this machine."""
        if self.machine in {"", platform.machine()}:
            return shutil.which(name)
        prefixes = {"aarch64": "aarch64-linux-gnu-", "armv7l": "arm-linux-gnueabihf-"}
        return shutil.which(prefixes.get(self.machine, f"{self.machine}-linux-gnu-") + name)

    def __str__(self) -> str:
        return " ".join([self.folder, *self.flags])


def builds() -> list[Build]:
    """All of csrc/kernels/CMakeLists.txt, of flags for different compilers the first."""
    text = (CSRC / "kernels/CMakeLists.txt").read_text()
    for variable, flag in re.findall(r"edgebin_accepted_flag\((\w+) (\S+)", text):
        text = text.replace(f"${{{variable}}}", flag)
    found = re.findall(r"^\s*edgebin_isa\((\w+)([^)]*)\)", text, re.MULTILINE)
    return [build_of(folder, arguments.split()) for folder, arguments in found]


def build_of(folder: str, arguments: list[str]) -> Build:
    """What `edgebin_isa(folder [BASE folder FAMILIES family...] [FLAGS flag...])` compiles."""
    at = arguments.index("FLAGS") if "FLAGS" in arguments else len(arguments)
    flags = tuple(arguments[at + 1 :])
    if at == 0:
        return Build(folder, "", tuple(FAMILIES), flags)
    assert (arguments[0], arguments[2]) == ("BASE", "FAMILIES")
    return Build(folder, arguments[1], tuple(arguments[3:at]), flags)


BUILDS = builds()
OBJECTS = [
    pytest.param(build, file, id=f"{build}/{file}") for build in BUILDS for file in build.files
]


def includes(file: Path) -> list[str]:
    """What the file's `#include` lines name, brackets or quotes kept."""
    return re.findall(r'^\s*#\s*include\s*(<[^>]*>|"[^"]*")', file.read_text(), re.MULTILINE)


def name(path: Path) -> str:
    """The path inside csrc/, as the name of a test case."""
    return str(path.relative_to(CSRC))


@pytest.mark.parametrize("folder", sorted(path.name for path in CSRC.iterdir() if path.is_dir()))
def test_folders_include_only_in_their_direction(folder: str) -> None:
    allowed = FOLDERS[folder] | {folder}
    sources = [file for file in (CSRC / folder).rglob("*") if file.suffix in {".h", ".cc"}]
    wrong = [
        f"{name(file)} includes {target}"
        for file in sources
        for target in includes(file)
        if target.startswith('"') and target.strip('"').split("/")[0] not in allowed
    ]
    assert not wrong


@pytest.mark.parametrize("folder", OPS_FOLDERS)
def test_folders_of_operators_include_only_in_their_direction(folder: str) -> None:
    allowed = {(CSRC / "ops" / name).resolve() for name in OPS_FOLDERS[folder] | {folder}}
    sources = [file for file in (CSRC / "ops" / folder).iterdir() if file.suffix in {".h", ".cc"}]
    assert sources
    wrong = [
        f"{name(file)} includes {target}"
        for file in sources
        for target in includes(file)
        if target.startswith('"ops/') and (CSRC / target.strip('"')).parent.resolve() not in allowed
    ]
    assert not wrong


def test_every_folder_of_operators_has_its_direction() -> None:
    root = CSRC / "ops"
    folders = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_dir()}
    assert folders | {""} == set(OPS_FOLDERS)


def test_only_rules_refuse_model_files() -> None:
    """So each refusal has a code; the others are of what a network computed, or cannot prove."""
    found = {
        name(file)
        for file in CSRC.rglob("*.cc")
        if "Error(ErrorKind::kModelFile" in file.read_text()
    }
    assert found == {"graph/rules.cc", "tasks/classes.cc", "runtime/fingerprint/check.cc"}


def test_nothing_is_checked_by_assert() -> None:
    """A release build has none."""
    sources = [file for file in CSRC.rglob("*") if file.suffix in {".h", ".cc"}]
    assert not [name(file) for file in sources if re.search(r"(?<!_)\bassert\(", file.read_text())]


def test_quoted_includes_exist() -> None:
    missing = [
        f"{name(file)} includes {target}"
        for file in CSRC.rglob("*")
        if file.suffix in {".h", ".cc"}
        for target in includes(file)
        if target.startswith('"')
        and not any((base / target.strip('"')).is_file() for base in (CSRC, CSRC / "include"))
        and not (CSRC / (target.strip('"') + ".in")).is_file()  # CMake makes the header
    ]
    assert not missing


def test_every_isa_folder_holds_the_files_that_are_built_of_it() -> None:
    expected: dict[str, set[str]] = {}
    for build in BUILDS:
        expected.setdefault(build.folder, set()).update(build.files)
    assert {
        folder.name: {file.name for file in folder.iterdir()} for folder in ISA_FOLDERS
    } == expected


@pytest.mark.parametrize("file", ISA_FILES, ids=name)
def test_isa_files_include_only_what_emits_nothing(file: Path) -> None:
    allowed = ISA_INCLUDES | (
        INTRINSICS if file.parent.name not in {"scalar", "generic"} else set()
    )
    assert set(includes(file)) <= allowed


def compile_isa_file(build: Build, file: str, target: Path) -> None:
    """Compile one file as its folder is built; skips where that cannot be done here."""
    compiler = build.tool("g++")
    if compiler is None or build.tool("nm") is None:
        pytest.skip(f"needs g++ and nm for {build.machine or 'this machine'}")
    command = [compiler, "-std=c++20", "-O3", "-fPIC", "-ffp-contract=off", f"-I{CSRC}"]
    command += build.definitions
    source = CSRC / "kernels" / build.folder / file
    subprocess.run([*command, *build.flags, "-c", str(source), "-o", str(target)], check=True)


def output_of(tool: str | None, *arguments: str) -> str:
    assert tool is not None
    return subprocess.run([tool, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.mark.slow
@pytest.mark.parametrize(("build", "file"), OBJECTS)
def test_isa_objects_expose_one_function_and_run_nothing(
    build: Build, file: str, tmp_path: Path
) -> None:
    target = tmp_path / "kernel.o"
    compile_isa_file(build, file, target)
    listing = output_of(build.tool("nm"), "--demangle", str(target))
    symbols = re.findall(r"^[0-9a-f]* +(\w) (.*)$", listing, re.MULTILINE)
    assert len(symbols) == len(listing.splitlines())
    exposed = [symbol for kind, symbol in symbols if kind.isupper() and kind != "U"]
    weak = [symbol for kind, symbol in symbols if kind in "vVwWu"]
    function = "install" if file == "install.cc" else f"install_{file.removesuffix('.cc')}"
    space = f"edgebin::kernels::{build.folder}"
    assert exposed == [f"{space}::{function}(edgebin::kernels::Kernels&)"]
    assert not weak
    assert not [symbol for _, symbol in symbols if "GLOBAL__sub_I" in symbol]
    sections = output_of(build.tool("readelf"), "--sections", "--wide", str(target))
    assert ".init_array" not in sections
    assert ".ctors" not in sections


@pytest.mark.parametrize("build", BUILDS, ids=str)
def test_a_folder_installs_all_that_is_built_of_it(build: Build, tmp_path: Path) -> None:
    """And else what the folder that it builds on installs."""
    target = tmp_path / "install.o"
    compile_isa_file(build, "install.cc", target)
    listing = output_of(build.tool("nm"), "--demangle", "--undefined-only", str(target))
    called = set(re.findall(r"edgebin::kernels::(\w+::install\w*)\(", listing))
    own = {f"{build.folder}::install_{family}" for family in build.families}
    assert own <= called
    assert called - own == ({f"{build.base}::install"} if build.base else set())
