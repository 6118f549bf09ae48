"""The help pages: 80 columns, uniform names of values, and an example that the parser accepts."""

from __future__ import annotations

import re
import shlex

import pytest
import typer

from edgebin.cli.app import COMMANDS, app
from processes.command_line import edgebin

NAMES = [entry.name or entry.function.__name__ for entry in COMMANDS]


def page(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert edgebin(*words, "--help") == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("words", [(), *((name,) for name in NAMES)])
def test_a_page_fits_80_columns(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = page(capsys, *words)
    assert max(map(len, lines)) <= 80
    assert lines[-2:-1] == ["Example:"]
    for line in lines:
        assert not re.search(r"<\w+( range)?>|\[\d*<=x|\\\[", line), line


@pytest.mark.parametrize("entry", COMMANDS, ids=NAMES)
def test_the_example_is_a_command_that_parses(entry: object) -> None:
    example = shlex.split(entry.example)  # type: ignore[attr-defined]
    command = typer.main.get_command(app).commands[example[0]]  # type: ignore[attr-defined]
    command.make_context(example[0], example[1:])


def test_the_program_lists_every_command_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = page(capsys)
    for name in NAMES:
        (line,) = (line for line in lines if line.startswith(f"  {name} "))
        assert "..." not in line
        assert line.endswith(".")


def test_what_is_missing_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgebin.cli.app.find_spec", lambda _name: None)
    monkeypatch.setattr("edgebin.cli.app.install_command", lambda extra: f"pip install {extra}")
    from edgebin.cli.app import _section

    assert _section("Train", "torch", "train") == "Train (needs pip install train)"
    monkeypatch.setattr("edgebin.cli.app.find_spec", lambda _name: object())
    assert _section("Train", "torch", "train") == "Train"
