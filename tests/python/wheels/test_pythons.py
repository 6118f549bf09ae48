from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

import pythons
from command import WheelError

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_this_interpreter_is_found_by_its_version() -> None:
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        pytest.skip("this Python has no headers")
    found = pythons.find(HERE)
    assert found is not None
    assert (found.version, found.tag) == (HERE, f"cp{HERE.replace('.', '')}")
    assert "SIZEOF_LONG" in found.pyconfig.read_text()


def test_a_version_that_nobody_has_is_none() -> None:
    assert pythons.find("2.99") is None


def test_a_name_on_the_path_that_leads_nowhere_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "python2.99", "echo 'pyenv: python2.99: command not found' >&2; exit 127")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert pythons.find("2.99") is None


def test_a_given_interpreter_comes_first(tmp_path: Path) -> None:
    (tmp_path / "Python.h").touch()
    answer = f'["{HERE}", "{tmp_path}", "{tmp_path}/Python.h", "cpython", false]'
    given = program(tmp_path / "mine", f"echo '{answer}'")
    found = pythons.find(HERE, [given])
    assert found is not None
    assert found.executable == given


@pytest.mark.parametrize(
    "answer", ["nonsense", '["3.11", "/", "/", "cpython", false]', '["3.11"]', ""]
)
def test_a_given_file_that_is_no_python_with_headers_is_refused(
    answer: str, tmp_path: Path
) -> None:
    given = program(tmp_path / "mine", f"echo '{answer}'")
    with pytest.raises(WheelError, match=r"mine: expected a CPython with Python\.h, found none"):
        pythons.find(HERE, [given])


@pytest.mark.parametrize("kind", ['"pypy", false', '"cpython", true'])
def test_other_pythons_and_free_threads_are_refused(kind: str, tmp_path: Path) -> None:
    (tmp_path / "Python.h").touch()
    given = program(
        tmp_path / "mine", f"""echo '["{HERE}", "{tmp_path}", "{tmp_path}/Python.h", {kind}]'"""
    )
    with pytest.raises(WheelError, match="found none"):
        pythons.find(HERE, [given])


def test_debians_file_of_this_machines_sizes_is_taken(tmp_path: Path) -> None:
    """Debian's interpreters name the file that chooses by machine."""
    include, sizes = tmp_path / "python9.9", tmp_path / "board-linux-gnu/python9.9"
    for folder in (include, sizes):
        folder.mkdir(parents=True)
        (folder / "pyconfig.h").touch()
    (include / "Python.h").touch()
    told = f"""import sys, sysconfig
sysconfig.get_path = lambda name: {str(include)!r}
sysconfig.get_config_var = lambda name: "board-linux-gnu" if name == "MULTIARCH" else None
sysconfig.get_config_h_filename = lambda: {str(include / "pyconfig.h")!r}
exec(sys.argv[2])
"""
    (tmp_path / "told.py").write_text(told)
    given = program(tmp_path / "mine", f'exec {sys.executable} {tmp_path / "told.py"} "$@"')
    found = pythons.find(HERE, [given])
    assert found is not None
    assert (found.include, found.pyconfig) == (include, sizes / "pyconfig.h")
