from __future__ import annotations

import sys
from pathlib import Path

import pytest

from command import WheelError, run


def test_what_is_printed_comes_back_and_is_logged(tmp_path: Path) -> None:
    log = tmp_path / "folder" / "log"
    code = "import os, sys; print(os.environ['COLOUR']); sys.stderr.write('aside')"
    said = run([sys.executable, "-c", code], log=log, environment={"COLOUR": "green"})
    assert said == "green\n"
    assert "green" in log.read_text()
    assert "aside" in log.read_text()


def test_a_failure_is_one_line_with_the_first_error(tmp_path: Path) -> None:
    code = "import sys; print('one'); print('x.cc:1: error: two'); print('three'); sys.exit(3)"
    with pytest.raises(WheelError) as caught:
        run([sys.executable, "-c", code], log=tmp_path / "log")
    line = str(caught.value)
    assert "expected to end with code 0, found 3: x.cc:1: error: two" in line
    assert "\n" not in line
    assert str(tmp_path / "log") in line


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(WheelError, match="nothing-of-the-kind: cannot be started: No such file"):
        run(["nothing-of-the-kind"], log=tmp_path / "log")
