"""TrainingCurves from logs: what a run wrote, whole, resumed, cut off, or none of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from edgebin.errors import CheckpointError
from edgebin.train.log.entries import read_entries
from edgebin.train.log.training_curves import TrainingCurves, training_curves

HEADER: dict[str, object] = {"event": "header", "recipe_source": "small", "seed": 3}


def epoch(number: int, **more: object) -> dict[str, object]:
    numbers = {"lr": 0.5, "loss": 2.0 / number, "accuracy": 0.1 * number, "seconds": 10.0}
    return {"event": "epoch", "epoch": number, **numbers, **more}


def log(folder: Path, *entries: Mapping[str, object], rest: bytes = b"") -> Path:
    path = folder / "log.jsonl"
    path.write_bytes("".join(json.dumps(entry) + "\n" for entry in entries).encode() + rest)
    return path


def curves_of(path: Path) -> TrainingCurves:
    return training_curves(read_entries(path), path)


def test_a_whole_run(tmp_path: Path) -> None:
    held = epoch(2, holdout_loss=1.5, holdout_accuracy=0.25)
    path = log(tmp_path, HEADER, epoch(1), held, {"event": "end", "test_accuracy": 0.75})
    curves = curves_of(path)
    assert curves.name == f"small, seed 3 ({tmp_path.name})"
    assert [e.epoch for e in curves.epochs] == [1, 2]
    assert [e.loss for e in curves.epochs] == [2.0, 1.0]
    assert [e.seconds for e in curves.epochs] == [10.0, 20.0]
    assert [e.holdout_accuracy for e in curves.epochs] == [None, 0.25]
    assert curves.test_accuracy == 0.75


def test_a_run_that_goes_on(tmp_path: Path) -> None:
    """Its last line may be half written, an epoch may be there twice: the later one counts."""
    entries = (HEADER, epoch(1), epoch(2), {"event": "resume"}, epoch(2, loss=7.0))
    curves = curves_of(log(tmp_path, *entries, rest=b'{"event": "epo'))
    assert [e.loss for e in curves.epochs] == [2.0, 7.0]
    assert curves.epochs[-1].seconds == 30.0
    assert curves.test_accuracy is None


@pytest.mark.parametrize(
    ("rest", "line"),
    [
        (b"3\n", "line 3: expected a JSON object with an event, found '3'"),
        (b"\xff\n", "line 3: expected a JSON object with an event"),
        (b"[" * 100_000 + b"\n", "line 3: expected a JSON object with an event"),
        (b'{"event": "epoch"}\n', "epoch: expected a whole number from 1 to 2^53, found None"),
        (
            b'{"event": "epoch", "epoch": 1%s}\n' % (b"0" * 400),
            "epoch: expected a whole number from 1 to 2^53, found 1" + 39 * "0" + "...",
        ),
        (b'{"event": "end", "test_accuracy": 1e308}\n', "expected at most 1e30, found 1e+308"),
        (b'{"event": "end", "test_accuracy": 1%s}\n' % (b"0" * 400), "expected at most 1e30"),
        (
            b'{"event": "epoch", "epoch": true}\n',
            "epoch: expected a whole number from 1 to 2^53, found True",
        ),
        (b'{"event": "epoch", "epoch": 2}\n', "epoch 2: seconds: expected a number, found None"),
        (b'{"event": "end", "test_accuracy": NaN}\n', "test_accuracy: expected at most 1e30"),
    ],
)
def test_a_line_that_is_none_of_a_log(tmp_path: Path, rest: bytes, line: str) -> None:
    path = log(tmp_path, HEADER, epoch(1), rest=rest)
    with pytest.raises(CheckpointError) as caught:
        curves_of(path)
    assert str(caught.value).startswith(str(path))
    assert line in str(caught.value)


def test_no_epoch_yet(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="found no epoch that has ended"):
        curves_of(log(tmp_path, HEADER))
    with pytest.raises(CheckpointError, match="cannot be read: No such file"):
        curves_of(tmp_path / "none")
