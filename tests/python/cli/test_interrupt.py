"""Ctrl-C and SIGTERM, sent to real processes: one line, code 130 or 143, and nobody lives on.

`kill.py` sends them at random moments to forks of one process, by the hundred.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgebin.cli.app import main
from edgebin.cli.terminal import interrupt
from edgebin.cli.terminal.interrupt import interrupted_line, when_interrupted, when_interrupted_of
from edgebin.graph.fingerprint import make
from graphs.small_networks import binary_network, colour_network, written

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}


def catches(process: int) -> bool:
    """Whether a process has taken SIGTERM in hand, as commands do before all else."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False


def children(process: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(true: object, seconds: float = 60) -> None:
    assert callable(true)
    stop = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < stop, "it never came to that"
        time.sleep(0.01)


def interrupted(
    words: list[str], number: int, moment: float, *, child: bool = False
) -> tuple[int, str, str]:
    """Start a command, send it alone a signal this many seconds after its begin; how it ended."""
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: catches(process.pid))
    if child:
        wait_until(lambda: children(process.pid))
    time.sleep(moment)
    started = children(process.pid)
    assert not child or started
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    wait_until(lambda: not any(map(alive, started)), 10)
    return process.returncode, out, err


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for index in range(64):
        folder = tmp_path / "images/train" / f"class{index % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.full((10, 10, 3), index, np.uint8)
        Image.fromarray(pixels).save(folder / f"{index}.png")
    return tmp_path / "images"


def words_of(command: str, tmp_path: Path, images: Path) -> list[str]:
    """A command that takes longer than the test."""
    model = written(binary_network(), tmp_path)
    if command in ("train", "export"):
        pytest.importorskip("torch", reason="needs PyTorch")
    if command == "train":
        recipe = tmp_path / "recipe.toml"
        tiny_training = pytest.importorskip("training.tiny_training", reason="needs PyTorch")
        recipe.write_text(tiny_training.folder_recipe("width = 0.02", 'last = "int8"'))
        words = ["train", str(recipe), "--data", str(images), "--out", str(tmp_path / "out")]
        return [*words, "--threads", "1", "--epochs", "100000"]
    if command == "export":
        return ["export", "--arch", "alexnet", "--input-size", "224", "-o", str(tmp_path / "a.ebn")]
    if command == "run":
        image = str(next(images.rglob("*.png")))
        return ["run", str(model), *[image] * 12_000]
    if command == "verify":
        large = colour_network(side=800)
        tested = replace(large, self_test=make(large.graph, (1,)) * 16)
        return ["verify", str(written(tested, tmp_path))]
    return ["bench", str(model), "--runs", "1000000", "--warmup", "0"]


ENDS = {  # and what else it may say, for a signal that comes before it has begun
    "train": (
        "nothing is saved, begin again",
        "continue with the same command and --resume",
        "nothing was written",
    ),
    "export": ("a.ebn is not written", "nothing was written"),
    "run": ("nothing was written",),
    "bench": ("nothing was written",),
    "verify": ("nothing was written",),
}


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", ENDS)
def test_a_signal_ends_a_command_in_one_line(
    command: str, number: int, tmp_path: Path, images: Path, python: str
) -> None:
    moment = random.Random(f"{command} {number}").uniform(0, 3 if command in ("train",) else 1)
    words = [python, "-m", "edgebin", *words_of(command, tmp_path, images)]
    code, out, err = interrupted(words, number, moment, child=command == "bench")
    assert code == SIGNALS[signal.Signals(number)], err
    assert command in ("run", "verify") or out == ""
    *before, line = err.splitlines()
    assert line.startswith("edgebin: interrupted; "), err
    # A quick machine may have trained for some epochs by then.
    progress = re.compile("epoch |training |.*: reading the images$|measuring: ")
    assert all(command in ("train", "bench") and progress.match(o) for o in before), err
    assert any(end in line for end in ENDS[command]), err
    assert not list(tmp_path.rglob(".edgebin-*"))


@pytest.mark.slow
def test_a_killed_bench_leaves_no_process(tmp_path: Path, python: str, images: Path) -> None:
    words = [python, "-m", "edgebin", *words_of("bench", tmp_path, images)]
    code, _, _ = interrupted(words, signal.SIGKILL, 0.2, child=True)
    assert code == -signal.SIGKILL


def test_an_ignored_signal_stays_ignored(tmp_path: Path, python: str, images: Path) -> None:
    command = [python, "-m", "edgebin", *words_of("bench", tmp_path, images)]
    nohup = f"import os, signal, sys; signal.signal({int(signal.SIGINT)}, signal.SIG_IGN); "
    words = [python, "-c", nohup + "os.execv(sys.argv[1], sys.argv[1:])", *command]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(lambda: catches(process.pid))
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143


@pytest.mark.slow
def test_several_processes_end_together(tmp_path: Path, python: str, images: Path) -> None:
    command = words_of("train", tmp_path, images)
    run = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "edgebin"]
    process = subprocess.Popen(
        [python, *run, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    wait_until((tmp_path / "out/checkpoint.pt").exists, 200)
    started = children(process.pid)
    assert len(started) >= 2
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    wait_until(lambda: not any(map(alive, started)), 30)
    assert err.count("edgebin: interrupted; ") == 1
    assert "continue with the same command and --resume" in err


def test_what_is_said_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupt, "_state", interrupt._state)
    path = tmp_path / "a\x1b.ebn"
    when_interrupted_of(path)
    assert interrupted_line() == f"edgebin: interrupted; {tmp_path}/a\\x1b.ebn is not written\n"
    path.write_text("new")
    assert interrupted_line().endswith(".ebn is written, and whole\n")
    when_interrupted_of(path)
    assert interrupted_line().endswith(".ebn is as it was\n")
    when_interrupted(lambda: "")
    assert interrupted_line() == ""


def test_an_interrupt_within_the_process_is_the_same_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt_it(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("edgebin.cli.run.load", interrupt_it)
    monkeypatch.setattr(interrupt, "_state", lambda: "all is well")
    with pytest.raises(SystemExit) as caught:
        main(["run", "a", "b"])
    assert caught.value.code == 130
    assert capsys.readouterr().err == "edgebin: interrupted; all is well\n"
