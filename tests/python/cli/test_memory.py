"""Where memory is short, a command ends in one line and exit code 2, whoever noticed it."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from edgebin.cli.app import main
from edgebin.graph.ir import SelfTestCase
from graphs.small_networks import colour_network, written
from processes.command_line import edgebin

LINE = "edgebin: error: there is not enough memory\n"
ROOM = 400 << 20  # bytes of addresses: enough to begin with
SIDE = 7000  # of an image whose reals take more


@pytest.fixture
def large(tmp_path: Path) -> Path:
    network = colour_network(side=SIDE)
    any_hashes = SelfTestCase(1, (0,) * (1 + len(network.graph.nodes)))
    return written(replace(network, self_test=(any_hashes,)), tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        ["run", "{model}", "{image}"],
        ["inspect", "{model}"],
        ["bench", "{model}", "--runs", "1"],
        ["verify", "{model}", "--threads", "1"],
    ],
    ids=lambda words: words[0],
)
def test_a_network_that_is_too_large_for_the_system(
    words: list[str], large: Path, green: Path, python: str
) -> None:
    filled = [word.format(model=large, image=green) for word in words]
    child = subprocess.run(
        [python, "-m", "edgebin", *filled],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM)),
        capture_output=True,
        text=True,
        check=False,
    )
    *begun, line = child.stderr.splitlines(keepends=True)
    assert (child.returncode, child.stdout, line) == (2, "", LINE)
    assert len(begun) == (words[0] == "bench")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("libz.so.1: failed to map segment from shared object"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    ],
)
def test_each_that_notices_has_words_of_its_own(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("edgebin.cli.run.load", fail)
    assert edgebin("run", "a", "b") == 2
    assert capsys.readouterr().err == LINE


@pytest.mark.parametrize("kind", [RuntimeError, ImportError, OSError])
def test_others_keep_their_traceback(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise kind("another")

    monkeypatch.setattr("edgebin.cli.run.load", fail)
    with pytest.raises(kind):
        main(["run", "a", "b"])
