"""`cmake --install` after the build of a static preset, which makes the program alone."""

from __future__ import annotations

from pathlib import Path

from .conftest import ROOT, run


def test_a_static_build_installs_the_program_alone(tmp_path: Path) -> None:
    build = tmp_path / "build"
    run("cmake", "--preset", "static", "-S", ROOT, "-B", build)
    program = build / "csrc/cli/edgebin-run"  # compiling it again would show no more
    program.write_bytes(b"a program")
    program.chmod(0o755)
    run("cmake", "--install", build, "--prefix", tmp_path / "prefix")
    installed = [path for path in (tmp_path / "prefix").rglob("*") if path.is_file()]
    assert installed == [tmp_path / "prefix/bin/edgebin-run"]
