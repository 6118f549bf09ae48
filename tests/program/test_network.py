"""`edgebin-run` asks for no socket: the kernel would end it, in an emulator too."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgebin.runtime.zoo import resolve
from graphs.small_networks import colour_network, written
from processes.no_network import can_forbid_sockets, forbid_sockets

from .conftest import COMMAND
from .images import save


@pytest.mark.skipif(not can_forbid_sockets(), reason="of system calls of x86-64 and 64-bit ARM")
@pytest.mark.parametrize(
    "words", [["inspect"], ["bench", "--runs", "3"], ["run", "--output", "out"], ["verify"]]
)
def test_it_needs_no_network(words: list[str], tmp_path: Path) -> None:
    shipped = words[0] == "verify"  # which has a fingerprint
    model = resolve("cifar10-resnet20") if shipped else written(colour_network(), tmp_path)
    green = save(tmp_path / "green.ppm", np.full((30, 40, 3), (0, 255, 0), np.uint8))
    images = [str(green)] if words[0] == "run" else []
    done = subprocess.run(
        [*COMMAND, *words, str(model), *images],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=forbid_sockets,
    )
    assert done.returncode == 0, done.stderr
