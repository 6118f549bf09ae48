"""A short run of `kill.py`, and that it can fail."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "soak/kill.py"
_BROKEN = """
import sys
import edgebin.files.atomic_write

def torn(path, write):
    with path.open("wb") as file:
        write(file)
        file.flush()
        file.truncate(file.tell() // 2)
        __import__("time").sleep(0.3)
        file.seek(0)
        write(file)

edgebin.files.atomic_write.write_whole = torn
sys.path.insert(0, sys.argv[1])
import kill
sys.exit(kill.main(["--kills", "12", "--seed", "5", "--cases", "train"]))
"""


def run(python: str, *words: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [python, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.slow
def test_some_kills_lose_nothing(python: str) -> None:
    done = run(
        python,
        SCRIPT,
        "--kills",
        10,
        "--seed",
        1,
        "--signals",
        "KILL",
        "INT",
        "TERM",
        "--cases",
        "train",
        "refine",
        "export",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all files whole" in done.stdout


@pytest.mark.slow
def test_a_writer_that_tears_files_is_found(python: str) -> None:
    done = run(python, "-c", _BROKEN, SCRIPT.parent)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.startswith("kill.py --seed 5: "), done.stdout
