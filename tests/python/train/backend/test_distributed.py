"""Two processes train as one does: real processes, started by torchrun."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from edgebin.train.backend import distributed
from edgebin.train.backend.distributed import World, world
from edgebin.train.checkpoint.checkpoint import Checkpoint, load_checkpoint
from processes import one_of_several
from training.tiny_training import folder_recipe

CPU = torch.device("cpu")
RECIPE = folder_recipe("width = 0.02", run="channels_last = true")


def torchrun(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    return subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def weights(checkpoint: Checkpoint) -> list[tuple[str, torch.Tensor]]:
    assert checkpoint.raw is not None
    return [*checkpoint.model.items(), *checkpoint.raw.items()]


@pytest.mark.slow
def test_two_processes_give_what_one_gives_compiled_or_not_and_resume_bit_for_bit(
    tmp_path: Path,
) -> None:
    done = torchrun(one_of_several.__file__, tmp_path)
    assert done.returncode == 0, done.stderr
    one_of_several.train(tmp_path / "one", CPU)
    one, two, resumed, compiled = (
        load_checkpoint(tmp_path / name / "checkpoint.pt")
        for name in ("one", "straight", "broken", "compiled")
    )
    for other in (two, compiled):
        for (name, ours), (_, theirs) in zip(weights(one), weights(other), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5, msg=name)
    for (name, ours), (_, theirs) in zip(weights(two), weights(resumed), strict=True):
        assert torch.equal(ours, theirs), name
    assert torch.equal(one.data_rng, two.data_rng)

    alone, together = lines(tmp_path / "one"), lines(tmp_path / "straight")
    assert [line["event"] for line in together] == ["header", "epoch", "epoch", "end"]
    assert (alone[0]["processes"], together[0]["processes"]) == (1, 2)
    for mine, shared in zip(alone[1:], together[1:], strict=True):
        for key in ("loss", "accuracy", "holdout_loss", "test_loss"):
            assert shared.get(key, 0.0) == pytest.approx(mine.get(key, 0.0), rel=1e-4), key
    assert [line["event"] for line in lines(tmp_path / "broken")].count("resume") == 1


@pytest.fixture
def command(images: Path, tmp_path: Path) -> list[object]:
    (tmp_path / "tiny.toml").write_text(RECIPE)
    out = tmp_path / "out"
    return ["-m", "edgebin", "train", tmp_path / "tiny.toml", "--data", images, "--out", out]


def errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if line.startswith("edgebin: error: ")]


@pytest.mark.slow
def test_the_command_writes_and_speaks_once(command: list[object], tmp_path: Path) -> None:
    done = torchrun(*command)
    assert done.returncode == 0, done.stderr
    score, checkpoint = done.stdout.splitlines()
    assert score.startswith("test: loss ")
    assert checkpoint == str(tmp_path / "out" / "checkpoint.pt")
    assert done.stderr.count("epoch 1/1") == 1
    assert [line["event"] for line in lines(tmp_path / "out")] == ["header", "epoch", "end"]


@pytest.mark.slow
def test_a_batch_that_cannot_be_shared_is_one_line(command: list[object], tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(RECIPE.replace("batch_size = 4", "batch_size = 3"))
    done = torchrun(*command)
    assert done.returncode != 0
    (line,) = errors(done)
    expected = "[schedule] batch_size: expected a multiple of the 2 processes, found 3"
    assert line.endswith(expected)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_what_stops_one_process_stops_all_with_one_line(
    command: list[object], images: Path
) -> None:
    (images / "train" / "a_cat" / "3.png").write_bytes(b"no image")
    done = torchrun(*command)
    assert done.returncode != 0
    (line,) = errors(done)
    assert "3.png: expected a readable image" in line
    assert 'File "' not in done.stderr.split("ChildFailedError")[0].split(line)[0]


def test_images_are_decoded_by_the_share_of_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "usable_cores", lambda: 9)
    threads = torch.get_num_threads()
    assert distributed.decoding_threads(None) == threads
    monkeypatch.setattr(distributed, "world", lambda: World(0, 8))
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    assert distributed.decoding_threads(None) == 2
    assert distributed.decoding_threads(threads) == threads  # --threads was given
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "16")
    assert distributed.decoding_threads(None) == 1


def test_alone_there_is_one_process_that_leads_and_takes_all() -> None:
    assert world() == World(0, 1)
    assert world().leads
    assert world().share(6) == slice(0, 6)
    assert World(1, 3).share(6) == slice(2, 4)
    assert not World(1, 3).leads
