"""`--output` under kills: the old file or the new one, whole, whatever the moment."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from graphs.small_networks import colour_network, written

from .conftest import COMMAND, Program
from .images import save

KILLS = 24
COPIES = 60  # of an image, so that there is something to write


def begun(words: tuple[object, ...]) -> subprocess.Popen[bytes]:
    """The program, which heeds SIGINT even where the test's own process was told to ignore it."""
    return subprocess.Popen(
        [*COMMAND, *map(str, words)],
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


def end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    process.send_signal(how)
    process.wait(60)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_kill_leaves_the_old_output_or_the_new_one(
    program: Program, tmp_path: Path, how: signal.Signals
) -> None:
    model = written(colour_network(), tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    output = home / "scores"
    whole, seconds = [], 0.0
    for name, colour in (("green", (0, 255, 0)), ("red", (255, 0, 0))):
        image = save(tmp_path / f"{name}.ppm", np.full((30, 40, 3), colour, np.uint8))
        words = (model, *[image] * COPIES, "--output", output)
        began = time.monotonic()
        assert program(*words).returncode == 0
        seconds = time.monotonic() - began
        whole.append((words, output.read_bytes()))
    (_, green), (_, red) = whole
    assert green != red
    stopped = 0
    for kill in range(KILLS):
        words, _ = whole[kill % 2]
        process = begun(words)
        if kill % 4 < 2:
            time.sleep(seconds * kill / KILLS)
        else:  # as soon as it begins to write
            while process.poll() is None and not list(home.glob(".edgebin-*")):
                pass
        end(process, how)
        stopped += process.returncode != 0
        assert output.read_bytes() in (green, red)
        assert len(list(home.iterdir())) <= 2  # the output, and what this kill left
    assert stopped
    words, expected = whole[0]
    assert program(*words).returncode == 0
    assert [(path.name, path.read_bytes()) for path in home.iterdir()] == [("scores", expected)]
