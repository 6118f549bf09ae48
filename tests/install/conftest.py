"""An edgebin that is installed and then moved.

EDGEBIN_BUILD names a folder in which CMake has built it, static or shared:

    EDGEBIN_BUILD=build/release pytest tests/install
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
C99 = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")

BUILD = os.environ.get("EDGEBIN_BUILD", "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="EDGEBIN_BUILD names no build folder")
    for item in items:
        if not BUILD and Path(__file__).parent in item.path.parents:
            item.add_marker(skip)


def run(*command: object, **environment: str) -> str:
    """Run a command that has to succeed; return what it printed."""
    done = subprocess.run(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it is installed."""
    folder = tmp_path_factory.mktemp("install")
    run("cmake", "--install", BUILD, "--prefix", folder / "first")
    shutil.move(folder / "first", folder / "moved here")
    return folder / "moved here"


@pytest.fixture(scope="session")
def lib(prefix: Path) -> Path:
    """The folder of its library."""
    return next(prefix.rglob("pkgconfig")).parent


def is_static(lib: Path) -> bool:
    return (lib / "libedgebin.a").exists()


def flags(lib: Path) -> list[str]:
    """What pkg-config tells a compiler."""
    printed = run(
        "pkg-config",
        "--cflags",
        "--libs",
        "--static",
        "edgebin",
        PKG_CONFIG_PATH=str(lib / "pkgconfig"),
    )
    return shlex.split(printed)
