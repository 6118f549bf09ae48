"""The install command works where the user stands and never names edgebin on a package index."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest

from edgebin import install_hint
from edgebin.install_hint import install_command, install_torch

REQUIREMENTS = [
    "numpy>=1.23",
    'torch<2.14,>=2.7; extra == "train"',
    'tomli>=2; python_version < "3.11" and extra == "train"',
    'matplotlib>=3.8; extra == "plot"',
    'edgebin[plot]; extra == "test"',
    'pytest>=8; extra == "test"',
]


def source_tree(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "edgebin"\n')
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed edgebin, used from a folder that is no source tree."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(install_hint, "__file__", str(tmp_path / "lib" / "edgebin" / "hint.py"))
    return tmp_path


def install(monkeypatch: pytest.MonkeyPatch, record: str | None) -> None:
    metadata = SimpleNamespace(requires=REQUIREMENTS, read_text=lambda _name: record)
    monkeypatch.setattr(install_hint, "distribution", lambda _name: metadata)


def test_in_a_source_tree_it_is_the_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(source_tree(tmp_path))
    assert install_command("train") == "pip install '.[train]'"


def test_another_project_is_no_source_tree(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, None)
    (elsewhere / "pyproject.toml").write_text('[project]\nname = "edgebin-camera"\n')
    assert install_command("plot") == "pip install 'matplotlib>=3.8'"


def test_elsewhere_it_is_the_tree_that_edgebin_was_installed_from(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = source_tree(elsewhere / "a b")
    install(monkeypatch, json.dumps({"url": tree.as_uri(), "dir_info": {}}))
    assert install_command("plot") == f"pip install '{tree}[plot]'"


@pytest.mark.parametrize(
    "record", [None, '{"url": "file:///gone"}', '{"url": "https://example.org/edgebin.whl"}']
)
@pytest.mark.usefixtures("elsewhere")
def test_without_a_tree_it_is_the_packages(
    record: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, record)
    assert install_command("train") == "pip install 'torch<2.14,>=2.7'"
    assert install_command("test") == "pip install 'pytest>=8'"


@pytest.mark.usefixtures("elsewhere")
def test_without_metadata_it_is_the_packages_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(install_hint, "distribution", missing)
    assert install_command("train") == "pip install torch"
    assert install_command("plot") == "pip install matplotlib"


def test_where_the_index_has_the_cuda_build_the_cpu_build_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(install_hint, "_packages", lambda _extra: ("torch<2.14,>=2.7", "tomli"))
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    expected = "pip install 'torch<2.14,>=2.7' --index-url https://download.pytorch.org/whl/cpu"
    command = install_command("train")
    assert install_torch() == f"{command}; without a GPU, first: {expected}"
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert install_torch() == command
