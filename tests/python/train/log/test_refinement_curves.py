"""The course of an update from its log: whole, resumed, put back, or none of an update."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgebin.errors import CheckpointError
from edgebin.train.log.entries import read_entries
from edgebin.train.log.refinement_curves import RefinementCurves, is_refinement, refinement_curves

HEADER: dict[str, object] = {
    "event": "header",
    "refines": {"path": "real.pt", "sha256": "0"},
    "options": {"method": "ascend", "target": "layer"},
}
END: dict[str, object] = {"event": "end", "before": {"loss": 2.0}, "test": {"accuracy": 0.75}}


def layer(number: int, loss: object, **more: object) -> dict[str, object]:
    entry = {"event": "layer", "number": number, "layer": f"conv{number}", "loss": loss}
    return {**entry, "gain": 0.125, "kept": True, "seconds": 4.0, **more}


def head(**more: object) -> dict[str, object]:
    return {"event": "head", "layer": "fc", "loss": 0.25, "kept": True, "seconds": 1.0, **more}


def course(folder: Path, *entries: object, rest: str = "") -> RefinementCurves:
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries) + rest)
    found = read_entries(path)
    assert is_refinement(found)
    return refinement_curves(found, path)


def test_a_whole_update(tmp_path: Path) -> None:
    found = course(tmp_path, HEADER, layer(1, 1.5), layer(2, 1.75, kept=False), head(), END)
    assert found.name == f"ascend, target layer ({tmp_path.name})"
    assert [candidate.layer for candidate in found.candidates] == ["conv1", "conv2", "fc"]
    assert [candidate.gain for candidate in found.candidates] == [0.125, 0.125, None]
    assert [candidate.seconds for candidate in found.candidates] == [4.0, 8.0, 9.0]
    assert found.losses == (2.0, 1.5, 1.5, 0.25)  # what was put back changed nothing
    assert found.test_accuracy == 0.75


def test_an_update_that_goes_on(tmp_path: Path) -> None:
    """What it began with is not told yet; a layer that is there twice counts once."""
    entries = (HEADER, layer(1, 1.5, kept=False), layer(2, 9.0), {"event": "resume", "number": 1})
    found = course(tmp_path, *entries, layer(2, 1.25), rest='{"event": "lay')
    assert [candidate.loss for candidate in found.candidates] == [1.5, 1.25]
    assert found.losses == (None, None, 1.25)
    assert found.test_accuracy is None


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (layer(1, 10**400), "layer 1: loss: expected at most 1e30, found 1" + 39 * "0" + "..."),
        (layer(1, 1.0, gain=1e308), "layer 1: gain: expected at most 1e30, found 1e+308"),
        (layer(1, float("nan")), "layer 1: loss: expected at most 1e30, found nan"),
        (layer(1, True), "layer 1: loss: expected a number, found True"),
        (layer(1 << 60, 1.0), f"number: expected a whole number from 1 to 2^53, found {1 << 60}"),
        (layer(0, 1.0), "number: expected a whole number from 1 to 2^53, found 0"),
        ({**layer(1, 1.0), "layer": None}, "layer 1: layer: expected a name, found None"),
        (layer(1, 1.0, kept=1), "layer 1: kept: expected true or false, found 1"),
        (layer(1, 1.0, gain=None), "layer 1: gain: expected a number, found None"),
        (layer(1, "low"), "layer 1: loss: expected a number, found 'low'"),
        (head(seconds=None), "head: seconds: expected a number, found None"),
        ({"event": "resume"}, "expected the log of a refinement, found no layer done"),
    ],
)
def test_an_entry_that_is_none_of_an_update(
    tmp_path: Path, entry: dict[str, object], line: str
) -> None:
    with pytest.raises(CheckpointError) as caught:
        course(tmp_path, HEADER, entry)
    assert str(caught.value) == f"{tmp_path / 'log.jsonl'}: {line}"


@pytest.mark.parametrize("part", ["before", "test"])
def test_an_end_that_is_none_of_an_update(tmp_path: Path, part: str) -> None:
    with pytest.raises(CheckpointError, match=f"end: {part}: expected an object, found 3"):
        course(tmp_path, HEADER, layer(1, 1.0), {**END, part: 3})
