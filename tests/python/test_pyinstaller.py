"""The hook by which PyInstaller freezes edgebin with its core and its models."""

from __future__ import annotations

import importlib
import os
import runpy
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import edgebin
from edgebin.pyinstaller import hook_dirs

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "ship.png"
APP = "import sys, edgebin; print(edgebin.load('cifar10-resnet20')(sys.argv[1])[0].label)"


def test_the_entry_point_names_the_folder_of_the_hook() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    at = lines.index("[project.entry-points.pyinstaller40]")
    module, function = lines[at + 1].removeprefix('hook-dirs = "').rstrip('"').split(":")
    (folder,) = getattr(importlib.import_module(module), function)()
    assert (Path(folder) / "hook-edgebin.py").is_file()


def test_the_hook_collects_models_and_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """With stand-ins for PyInstaller's helpers, which say what they were asked for."""
    hooks: Any = types.ModuleType("PyInstaller.utils.hooks")
    package = Path(edgebin.__file__).parent

    def collect_data_files(name: str, includes: list[str]) -> list[tuple[str, str]]:
        assert name == "edgebin"
        paths = [path for pattern in includes for path in package.glob(pattern)]
        return [(str(path), str(path.parent.relative_to(package.parent))) for path in paths]

    hooks.collect_data_files = collect_data_files
    hooks.copy_metadata = lambda name: [(f"{name}.dist-info", ".")]
    for name in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "PyInstaller.utils.hooks", hooks)
    hook = runpy.run_path(str(Path(hook_dirs()[0]) / "hook-edgebin.py"))
    places = {Path(source).name: place for source, place in hook["datas"]}
    assert places["cifar10-resnet20.ebn"] == "edgebin/models"
    assert places["folder-resnet20.toml"] == "edgebin/train/recipe/shipped"
    assert places["edgebin.dist-info"] == "."
    assert hook["hiddenimports"] == ["edgebin._core"]
    assert "edgebin.exporter" in hook["excludedimports"]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_frozen_program_classifies(tmp_path: Path, python: str) -> None:
    pytest.importorskip("PyInstaller", reason="needs PyInstaller")
    (tmp_path / "app.py").write_text(APP)
    path = os.pathsep.join(filter(None, sys.path))
    subprocess.run(
        [python, "-m", "PyInstaller", "--log-level", "ERROR", "app.py"],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
    )
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ended = subprocess.run(
        [tmp_path / "dist/app/app", EXAMPLE], capture_output=True, text=True, check=False, env=plain
    )
    assert (ended.stdout, ended.stderr) == ("ship\n", "")
    assert not (tmp_path / "dist/app/_internal/torch").exists()
