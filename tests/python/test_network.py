"""No command opens a network connection: each runs where asking for one ends the process."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from graphs.small_networks import binary_network, written
from processes.no_network import ENDED_BY, can_forbid_sockets, forbid_sockets
from training.tiny_training import folder_recipe

SCRIPT = Path(__file__).parents[1] / "support/processes/no_network.py"
_ASK = "import socket; socket.socket(socket.AF_INET{}, socket.SOCK_STREAM)"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A model, images in folders and a recipe."""
    written(binary_network(), tmp_path).rename(tmp_path / "model.ebn")
    (tmp_path / "tiny.toml").write_text(folder_recipe("width = 0.03", 'last = "int8"'))
    for part in ("train", "val"):
        for index in range(16):
            folder = tmp_path / "images" / part / f"class{index % 2}"
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((12, 12, 3), index, np.uint8)).save(folder / f"{index}.png")
    return tmp_path


def run(python: str, home: Path, words: str) -> subprocess.CompletedProcess[str]:
    command = [python, str(SCRIPT), *words.split()]
    return subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "words",
    [
        "--version",
        "models",
        "inspect model.ebn",
        "doctor",
        "run model.ebn images/val/class0/0.png --json",
        "bench model.ebn --runs 3 --profile",
        "verify cifar10-resnet20 --threads 1",
        pytest.param("export --arch resnet20 --width 0.1 -o untrained.ebn", marks=pytest.mark.slow),
    ],
)
def test_a_command_needs_no_network(words: str, python: str, home: Path) -> None:
    done = run(python, home, words)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_training_needs_no_network(python: str, home: Path) -> None:
    trained = "train tiny.toml --data images --out run --threads 1"
    refined = "refine run/checkpoint.pt --data images --out signs --images 7 --holdout 5"
    for words in (trained, refined, "export signs/checkpoint.pt -o a.ebn"):
        done = run(python, home, words)
        assert done.returncode == 0, done.stderr
    pytest.importorskip("matplotlib", reason="draws a chart: pip install '.[plot]'")
    done = run(python, home, "plot run/log.jsonl -o curves.png")
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not can_forbid_sockets(), reason="of system calls of x86-64 and 64-bit ARM")
@pytest.mark.parametrize("version", ["", "6"])
def test_asking_for_a_connection_ends_a_process(version: str, python: str) -> None:
    command = [python, "-c", _ASK.format(version)]
    free = subprocess.run(command, capture_output=True, check=False)
    held = subprocess.run(command, capture_output=True, check=False, preexec_fn=forbid_sockets)
    child = [python, "-c", f"import subprocess, sys; sys.exit(-subprocess.call({command!r}))"]
    grandchild = subprocess.run(child, check=False, preexec_fn=forbid_sockets)
    assert free.returncode == 0, free.stderr
    assert held.returncode == -ENDED_BY
    assert grandchild.returncode == ENDED_BY


def test_python_names_the_call(python: str) -> None:
    words = f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import no_network; "
    words += "no_network.forbid_in_python(); " + _ASK.format("")
    done = subprocess.run([python, "-c", words], capture_output=True, text=True, check=False)
    assert "PermissionError: no network here: socket.__new__" in done.stderr
