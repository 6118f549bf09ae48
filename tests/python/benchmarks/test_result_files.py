"""What a result file says of its command, and that the committed ones name no private path."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from result_files import about

ROOT = Path(__file__).resolve().parents[3]


def test_a_command_names_no_private_path(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = str(ROOT / "benchmarks/results/models.json")
    words = [str(ROOT / "benchmarks/models.py"), "--data", "/home/someone/sets/data", "--runs", "3"]
    monkeypatch.setattr(sys, "argv", [*words, f"--output={inside}", "--plot", "../plot.png", "a=b"])
    assert about()["command"] == (
        "python benchmarks/models.py --data data --runs 3 "
        "--output=benchmarks/results/models.json --plot ../plot.png a=b"
    )


FOLDERS = ("benchmarks/results", "experiments/results", "tests/soak/results")
RESULTS = [path for name in FOLDERS for path in sorted((ROOT / name).glob("*.json"))]


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_committed_result_names_none(path: Path) -> None:
    assert not re.findall(r'["= ](/(?:tmp|home|root|work|mnt|Users)/[^" ]*)', path.read_text())
