"""What documents show as the output of a command is what the command prints."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

import edgebin
from processes.command_line import edgebin as command
from snippets import ROOT, Block, blocks

# Their output depends on the machine: it is that of one with these instruction sets and cores.
MACHINE = {"verify": (("avx512", "avx2", "scalar"), 2)}


def shown(block: Block) -> list[tuple[str, str]]:
    """Return the command lines of a block and what stands below each."""
    parts = re.split(r"^\$ (.*)\n", block.text, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(line, expected, id=f"{block}: {line}")
        for block in blocks("console")
        for line, expected in shown(block)
    ],
)
def test_a_command_prints_what_is_shown(
    line: str,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    program, *words = shlex.split(line)
    assert program == "edgebin"
    if words[0] in MACHINE and MACHINE[words[0]] != (edgebin.isas(), os.cpu_count()):
        pytest.skip("the output that is shown is of another machine")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert command(*words) == 0
    pattern = re.escape(expected).replace(re.escape("...\n"), "(?:.*\n)*")
    out = capsys.readouterr().out
    assert re.fullmatch(pattern, out), out
