from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from edgebin.cli.reports.bench.document import document
from edgebin.cli.reports.compare.runtimes import print_standings, standings_document
from edgebin.runtime.compare.interleaved import Contestant, Standing
from edgebin.runtime.measure import Measurement, Reason
from measurements import STEPS, measurement, result, times
from processes.command_line import edgebin

DATE = "2026-01-01T00:00:00+00:00"


def written(path: Path, *rounds: Measurement, **plan: Any) -> Path:
    path.write_text(json.dumps(document([result(*rounds, **plan)], DATE)))
    return path


def three(ms: float, **facts: Any) -> list[Measurement]:
    return [measurement(times(one * ms), steps=STEPS, **facts) for one in (1.0, 1.01, 0.99)]


def test_two_documents_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    first = written(tmp_path / "a.json", *three(2.0))
    second = written(tmp_path / "b.json", *three(1.0, stable=False), threads=2)
    assert edgebin("compare", first, second) == 0
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if str(tmp_path) not in line]
    assert max(map(len, lines)) <= 80
    words = " ".join(out.split())
    assert "2.0000 1.0000 0.500 0.4" in words
    assert "result B is 2.00 times as fast as A" in words
    assert "from A the medians of 3 rounds; B the medians of 3 rounds" in words
    assert "differs threads: 1 and 2" in words
    assert "INVALID B: times were not stable" in words
    assert "stem 0.4000 0.4000 1.000 1.000 to 1.000" in words


def test_two_documents_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = written(tmp_path / "a.json", measurement(times(1.0)))
    second = written(tmp_path / "b.json", measurement(times(1.0)))
    assert edgebin("compare", first, second, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["schema"], answer["version"], answer["kind"]) == (
        "edgebin.compare",
        1,
        "documents",
    )
    (pair,) = answer["pairs"]
    assert pair["first_samples"]["kind"] == "blocks"
    assert pair["ratio"]["value"] == 1.0
    assert pair["ratio"]["low"] < 1.0 < pair["ratio"]["high"]
    assert pair["ratio"]["differs"] is False


def test_blocks_of_calls_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = written(tmp_path / "a.json", measurement(times(1.0)))
    assert edgebin("compare", first, first) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "no difference is shown: the interval" in words
    assert "20 blocks of calls, which miss what differs between processes" in words


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("a.json", "cifar10-resnet20"), "expected two JSON documents, or models and no document"),
        (("a.json", "b.json", "c.json"), "expected two JSON documents"),
        (("none.json", "none.json"), "none.json: No such file or directory"),
        (("cifar10-resnet20", "none.onnx"), 'compare "none.onnx": no such file'),
        (("cifar10-resnet2", "none.onnx"), "did you mean cifar10-resnet20?"),
    ],
)
def test_refusals_are_one_line(
    words: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edgebin("compare", *words) == 2
    error = capsys.readouterr().err
    assert line in error
    assert error.count("\n") == 1


@pytest.mark.usefixtures("python")
def test_two_models_are_measured_in_turn(
    binary: Path, colours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ("--rounds", 2, "--seconds", 0.01)
    assert edgebin("compare", binary, colours, *few, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["kind"], answer["missing"]) == ("runtimes", [])
    first, second = answer["results"]
    assert (first["model"], second["model"]) == (str(binary), str(colours))
    assert first["ratio"]["value"] == 1.0
    assert len(second["rounds_median_ms"]) == 2
    assert second["ratio"]["value"] == pytest.approx(
        sum(second["rounds_median_ms"]) / sum(first["rounds_median_ms"])
    )


def standings() -> list[Standing]:
    own = Standing(Contestant("m.ebn", Path("m.ebn"), "edgebin"), [1.0, 1.0, 1.0], [1.1] * 3)
    peer = Standing(
        Contestant("m.onnx", Path("m.onnx"), "onnxruntime"),
        [2.0, 2.1, 1.9],
        [2.5] * 3,
        {"load": Reason("load", "the load average is 16.0", 16.0, 2.5)},
        inputs="float32 1x3x32x32",
    )
    failed = Standing(Contestant("m.onnx", Path("m.onnx"), "openvino"), failure="OpenVINO: no")
    return [own, peer, failed]


def test_runtimes_are_a_table_of_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Console(width=80, markup=False, highlight=False)
    print_standings(screen, standings(), ["LiteRT is not installed: pip install ai-edge-litert"])
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    words = " ".join(out.split())
    assert "m.onnx ONNX Runtime 2.000 2.500 2.00" in words
    assert "result m.onnx (ONNX Runtime) takes 2.00 times as long as m.ebn (edgebin)" in words
    assert "input m.onnx (ONNX Runtime): float32 1x3x32x32" in words
    assert "INVALID 1 of 2 results: the load average is 16.0" in words
    assert "failed m.onnx (OpenVINO): OpenVINO: no" in words
    assert "missing LiteRT is not installed" in words


def test_runtimes_as_json() -> None:
    own, peer, failed = standings_document(standings())
    assert (own["valid"], peer["valid"], failed["valid"]) == (True, False, False)
    assert failed["ratio"] is None
    assert failed["failure"] == "OpenVINO: no"
