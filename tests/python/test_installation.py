"""Without a core that can be loaded, importing edgebin says in one line what is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import zipfile
from pathlib import Path

import pytest

import edgebin

PACKAGE = Path(edgebin.__file__).parent
CORE = f"_core{sysconfig.get_config_var('EXT_SUFFIX')}"


def line_of_import(python: str, place: Path) -> str:
    """The last line that importing edgebin from a folder or archive writes."""
    ended = subprocess.run(
        [python, "-c", "import edgebin"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(place)},
    )
    assert ended.returncode == 1
    return ended.stderr.splitlines()[-1]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the package without core and models."""
    ignored = shutil.ignore_patterns("_core*", "*.ebn", "__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "edgebin", ignore=ignored)
    return tmp_path


def test_a_zip_archive_is_named(python: str, sources: Path) -> None:
    archive = sources / "app.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted((sources / "edgebin").rglob("*.py")):
            opened.write(path, path.relative_to(sources))
    assert line_of_import(python, archive) == (
        f"ImportError: edgebin: expected an installed package, found {archive}: Python cannot load "
        "a compiled module from a zip archive; unpack it, or install edgebin beside it"
    )


def test_a_missing_core_is_named(python: str, sources: Path) -> None:
    line = line_of_import(python, sources)
    assert line.startswith(f"ImportError: edgebin: expected {CORE} in {sources / 'edgebin'}, built")
    assert ", found none; install edgebin" in line


def test_a_core_for_another_python_is_named(python: str, sources: Path) -> None:
    (sources / "edgebin" / "_core.cpython-39-x86_64-linux-gnu.so").touch()
    line = line_of_import(python, sources)
    assert ", found _core.cpython-39-x86_64-linux-gnu.so; install edgebin" in line


def test_a_damaged_core_is_named(python: str, sources: Path) -> None:
    (sources / "edgebin" / CORE).write_bytes(b"no library")
    line = line_of_import(python, sources)
    assert line.startswith(f"ImportError: edgebin: {sources / 'edgebin' / CORE} cannot be loaded: ")
