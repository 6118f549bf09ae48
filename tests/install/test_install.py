"""An installed edgebin from outside: how it is found and linked, and what it exports."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np

from edgebin.runtime.model import load

from .conftest import C99, ROOT, flags, is_static, run

EXAMPLE = ROOT / "examples" / "c"


def expect_answers(program: Path, lib: Path, folder: Path) -> None:
    """The example names the classes that the Python package names."""
    model = load("cifar10-resnet20")
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    raw, ppm = folder / "a.raw", folder / "a.ppm"
    raw.write_bytes(pixels.tobytes())
    ppm.write_bytes(b"P6\n32 32\n255\n" + pixels.tobytes())
    for image in (raw, ppm):
        printed = run(program, model.path, image, 3, LD_LIBRARY_PATH=str(lib))
        lines = [line.rsplit(" ", 1) for line in printed.splitlines()]
        expected = model(pixels, top=3)
        assert [label for label, _ in lines] == [one.label for one in expected]
        scores = [float(score) for _, score in lines]
        np.testing.assert_allclose(scores, [one.score for one in expected], atol=1e-4)


def test_cmake_finds_it(prefix: Path, lib: Path, tmp_path: Path) -> None:
    run("cmake", "-S", EXAMPLE, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", tmp_path / "build")
    expect_answers(tmp_path / "build/classify", lib, tmp_path)


def test_pkg_config_finds_it(lib: Path, tmp_path: Path) -> None:
    program = tmp_path / "classify"
    run("cc", *C99, EXAMPLE / "classify.c", *flags(lib), "-lm", "-o", program)
    expect_answers(program, lib, tmp_path)


def test_the_example_tells_what_is_wrong(lib: Path, tmp_path: Path) -> None:
    program = tmp_path / "classify"
    run("cc", EXAMPLE / "classify.c", *flags(lib), "-lm", "-o", program)
    for words in ((), ("none.ebn", "x"), (load("cifar10-resnet20").path, "none")):
        done = subprocess.run(
            [program, *words],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LD_LIBRARY_PATH": str(lib)},
        )
        assert done.returncode == 2
        assert done.stderr.startswith("classify: error: ")
        assert done.stderr.count("\n") == 1


def test_a_project_without_cxx_is_told_why(prefix: Path, lib: Path, tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.21)\nproject(x LANGUAGES C)\n"
        "find_package(edgebin REQUIRED)\n"
    )
    done = subprocess.run(
        ["cmake", "-S", tmp_path, "-B", tmp_path / "b", f"-DCMAKE_PREFIX_PATH={prefix}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == is_static(lib)
    if is_static(lib):
        assert "expected project(... LANGUAGES C CXX)" in " ".join(done.stderr.split())


def test_the_header_is_cxx_as_well(lib: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.cc"
    source.write_text(
        "#include <edgebin/edgebin.h>\n"
        "int main() { return edgebin_abi_version() == EDGEBIN_ABI_VERSION ? 0 : 1; }\n"
    )
    warnings = ("-std=c++11", "-Wall", "-Wextra", "-Werror", "-pedantic")
    run("c++", *warnings, source, *flags(lib), "-o", tmp_path / "a")
    run(tmp_path / "a", LD_LIBRARY_PATH=str(lib))


def test_the_interface_for_cxx_comes_with_the_static_library(
    prefix: Path, lib: Path, tmp_path: Path
) -> None:
    for header in ("layers.h", "model.h"):
        assert (prefix / "include/edgebin" / header).exists() == is_static(lib)
    if not is_static(lib):
        return
    source = tmp_path / "a.cc"
    source.write_text(
        "#include <edgebin/model.h>\n"
        "#include <cstdio>\n"
        "int main(int, char** words) {\n"
        "  std::puts(edgebin::Model(words[1]).info().name.c_str());\n"
        "}\n"
    )
    run("c++", "-std=c++20", source, *flags(lib), "-o", tmp_path / "a")
    assert run(tmp_path / "a", load("cifar10-resnet20").path) == "cifar10-resnet20\n"


def test_a_shared_library_exports_the_c_functions_alone(prefix: Path, lib: Path) -> None:
    if is_static(lib):
        assert not list(lib.glob("libedgebin.so*"))
        return
    listing = run("nm", "-D", "--defined-only", lib / "libedgebin.so")
    exported = {line.split()[-1] for line in listing.splitlines()}
    header = (prefix / "include/edgebin/edgebin.h").read_text()
    assert len(exported) == header.count("\nEDGEBIN_API ")
    assert all(f" {name}(" in header or f"* {name}(" in header for name in exported)
    assert "libedgebin.so.1" in run("readelf", "-d", lib / "libedgebin.so")


def test_the_program_is_there(prefix: Path) -> None:
    assert run(prefix / "bin/edgebin-run", "--version").startswith("edgebin-run ")
