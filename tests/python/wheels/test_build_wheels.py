from __future__ import annotations

from pathlib import Path

import pytest

import pythons
from build_wheels import main


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--machine", "m68k"], "invalid choice: 'm68k'"),
        (["--python", "2.7"], "invalid choice: '2.7'"),
        (["--interpreter", "/nowhere/python"], "/nowhere/python: expected a CPython with Python.h"),
    ],
)
def test_what_cannot_be_built_is_one_line(
    words: list[str], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = main([*words, "--output", str(tmp_path / "dist")])
    except SystemExit as ended:
        code = ended.code
    err = capsys.readouterr().err
    assert code == 2
    assert err.startswith("build_wheels: error: ") or err.count("error: ") == 1
    assert line in err
    assert err.count("\n") == 1
    assert not (tmp_path / "dist").exists()


def test_a_version_that_was_asked_for_and_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pythons, "find", lambda version, given: None)
    assert main(["--python", "3.12", "--python", "3.13"]) == 2
    line = "Python 3.12, 3.13: expected an interpreter with Python.h, found none\n"
    assert capsys.readouterr().err == f"build_wheels: error: {line}"
