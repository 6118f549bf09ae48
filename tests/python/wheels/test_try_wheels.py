from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest

from command import WheelError
from systems import System
from try_wheels import classify, main, tag_of

GOOD = "edgebin-0.1.0-cp312-cp312-manylinux2014_aarch64.manylinux_2_17_aarch64.whl"


def answering(text: str, folder: Path, code: int = 0) -> System:
    """A system whose Python prints this."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {code}\n")
    program.chmod(0o755)
    return System("board", (str(program),), None, True)


def answer(label: str) -> str:
    best = {"label": label, "index": 0, "score": 0.5}
    return json.dumps({"isa": "scalar", "results": [{"predictions": [best]}]})


def test_a_name_tells_python_and_machine(tmp_path: Path) -> None:
    (tmp_path / GOOD).touch()
    version, machine = tag_of(tmp_path / GOOD)
    assert (version, machine.name) == ("3.12", "aarch64")


@pytest.mark.parametrize(
    "name", ["other-0.1.0-cp312-cp312-any.whl", GOOD.replace("aarch64", "riscv64"), "edgebin.whl"]
)
def test_other_wheels_are_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).touch()
    assert main([str(tmp_path / name), "--work-dir", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith("try_wheels: error: ")
    assert err.count("\n") == 1
    assert name.partition("-cp")[0] in err
    assert "expected" in err


def test_a_missing_wheel_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / GOOD)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_wheel_that_nothing_can_be_tried_on_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "m68k")
    (tmp_path / GOOD).touch()
    assert main([str(tmp_path / GOOD), "--work-dir", str(tmp_path)]) == 0
    line = f"{GOOD}: not tried: there is Python 3.11, 3.13 to emulate\n"
    assert capsys.readouterr().out == line


def test_the_answer_is_read(tmp_path: Path) -> None:
    system = answering(answer("ship"), tmp_path)
    assert classify(system, tmp_path / "log") == "ship (50.0%, scalar)"


def test_another_answer_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(WheelError, match="board: expected to see a ship, found frog"):
        classify(answering(answer("frog"), tmp_path), tmp_path / "log")
    with pytest.raises(WheelError, match="board: expected predictions in JSON"):
        classify(answering("Segmentation fault", tmp_path), tmp_path / "log")
    with pytest.raises(WheelError, match="expected to end with code 0, found 1"):
        classify(answering(answer("ship"), tmp_path, code=1), tmp_path / "log")
