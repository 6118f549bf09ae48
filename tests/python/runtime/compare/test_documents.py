from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgebin.cli.reports.bench.document import document
from edgebin.errors import OptionError
from edgebin.runtime.compare.documents import read_document
from edgebin.runtime.compare.pairs import paired
from measurements import STEPS, measurement, result, times

OLD = Path(__file__).parents[3] / "fixtures/0.1.0/bench.json"
DATE = "2026-01-01T00:00:00+00:00"


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def current(**plan: Any) -> dict[str, Any]:
    rounds = [measurement(times(ms), steps=STEPS) for ms in (1.0, 1.1, 1.2)]
    return document([result(*rounds, **plan)], DATE)


def test_a_document_of_this_release(tmp_path: Path) -> None:
    (found,) = read_document(written(tmp_path / "a.json", current(threads=2)))
    assert (found.model, found.isa, found.threads, found.valid) == ("m.ebn", "neon", 2, True)
    assert [len(one) for one in found.rounds] == [100, 100, 100]
    assert found.steps == ({"stem": 0.4, "head": 0.1},) * 3
    assert (found.cpu, found.date) == ("Raspberry Pi 4", DATE)


def test_a_document_of_the_first_release() -> None:
    recorded = json.loads(OLD.read_text())
    (found,) = read_document(OLD)
    assert list(found.rounds[0]) == recorded["run_ms"]
    assert found.isa == recorded["isa"]
    (steps,) = found.steps
    assert steps["stem"] == recorded["stages"][0]["ms"]
    assert found.sha256 is None


def test_documents_of_two_releases_are_compared() -> None:
    (pair,) = paired(read_document(OLD), read_document(OLD))
    assert pair.ratio.value == 1.0
    assert pair.first_samples.kind == "blocks"
    assert pair.ratio.differs is False
    assert {one.ratio.value for one in pair.layers} == {1.0}
    assert {one.ratio.low for one in pair.layers} == {None}, "one round has no interval by layer"


def test_pairs_are_of_the_same_settings(tmp_path: Path) -> None:
    both = document([result(measurement()), result(measurement(), threads=2)], DATE)
    slow = [result(measurement(times(2.0)), threads=2), result(measurement(), threads=3)]
    first = read_document(written(tmp_path / "a.json", both))
    second = read_document(written(tmp_path / "b.json", document(slow, DATE)))
    (pair,) = paired(first, second)
    assert pair.first.threads == pair.second.threads == 2
    assert pair.ratio.value == pytest.approx(2.0)
    with pytest.raises(OptionError, match="expected results of the same model"):
        paired(first, second[1:] * 2)


def test_two_single_results_are_compared_with_what_differs(tmp_path: Path) -> None:
    first = read_document(written(tmp_path / "a.json", current()))
    second = read_document(written(tmp_path / "b.json", current(threads=2)))
    (pair,) = paired(first, second)
    assert pair.differences == ("threads: 1 and 2",)
    assert pair.first_samples.kind == "rounds"
    assert [one.layer for one in pair.layers] == ["stem", "head"]
    assert pair.layers[0].ratio.low == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"schema": "other"}, "expected a JSON document of edgebin bench, found another"),
        ({"version": 2}, "expected version 1 of the schema, found 2"),
        ({"results": []}, "results: expected at least one, found none"),
        ({"results": {}}, "results: expected list, found dict"),
        ({"results": [3]}, "results: expected objects"),
        ({"results": [{}]}, "verdict: expected dict, found nothing"),
    ],
)
def test_what_is_no_such_document(change: dict[str, Any], line: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", {**current(), **change})
    with pytest.raises(OptionError, match=line) as caught:
        read_document(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("times", [[], [0.0], [float("nan")], ["1"], [True], None])
def test_times_that_are_none(times: object, tmp_path: Path) -> None:
    content = current()
    content["results"][0]["rounds"][0]["run_ms"] = times
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    with pytest.raises(OptionError, match="run_ms: expected"):
        read_document(path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 1}', "[" * 100_000])
def test_what_is_no_json_object(content: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(OptionError, match="expected a JSON document of edgebin bench"):
        read_document(path)
    with pytest.raises(OptionError, match="No such file"):
        read_document(tmp_path / "none.json")
