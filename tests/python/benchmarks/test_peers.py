"""`peers.py` measures what it can and names what it cannot, with the reason."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from rich.console import Console

import peers
from edgebin.runtime import zoo
from isolated import ProcessFailedError, Seen
from peers import cases, compare, lacking
from processes.benchmark_script import benchmark
from runtimes import PEERS, float_baselines
from runtimes.peer import Job
from speed.comparison import OWN, Case, Comparison, Missing

QUIET = Console(quiet=True)
BASELINE = (1.0, 2.0, 4.0)
QUICK = ("--networks", "resnet20", "--threads", 1, "--rounds", 2, "--runs", 1)


def absent(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """Let a peer's package look as if it was not installed."""
    peer = replace(PEERS[key], module=f"no_such_package.{key}")
    monkeypatch.setattr(peers, "PEERS", {**PEERS, key: peer})


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder that holds edgebin's ResNet-20 already."""
    folder = tmp_path / "models"
    folder.mkdir()
    shipped = zoo.resolve("cifar10-resnet20").read_bytes()
    (folder / "resnet20-edgebin-W1A2.ebn").write_bytes(shipped)
    return folder


def test_a_peer_that_is_not_installed_is_named(
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    absent(monkeypatch, "onnxruntime")
    output = tmp_path / "peers.json"
    options = ("--peers", "onnxruntime", "--models-dir", models, "--output", output)
    assert benchmark("peers", *QUICK, *options) == 0
    result = json.loads(output.read_text())
    reason = "onnxruntime is not installed: pip install '.[bench]'"
    absentees = [entry for entry in result["missing"] if entry["peer"] == "onnxruntime"]
    assert absentees == [
        {"peer": "onnxruntime", "precision": precision, "reason": reason}
        for precision in ("int8", "fp32")
    ]
    out = capsys.readouterr().out
    assert f"missing: peer onnxruntime, precision int8, reason {reason}" in out
    assert "no switch to hold it to AVX2: ONNX Runtime" in out
    row = result["results"][0]
    assert {entry["peer"] for entry in result["results"]} == {OWN}
    assert row["ratio_to_edgebin"] == {"min": 1.0, "median": 1.0, "max": 1.0}
    assert len(row["rounds_median_ms"]) == 2
    assert row["file_bytes"] == zoo.resolve("cifar10-resnet20").stat().st_size
    assert {"onnxruntime", "onnx", "edgebin", "python"} <= set(result["versions"])
    assert (result["rules"]["rounds"], result["rules"]["runs"]) == (2, 1)


class Machine:
    """Answers for the processes that would make and measure models.

    Args:
        failing: by peer, how its measurement fails.
        good: measurements of every case before that.
        unmade: by peer, how its tools fail.
        logits: by peer, where they are not the float baseline's.
    """

    def __init__(
        self,
        *,
        failing: Mapping[str, str] = {},
        good: int = 0,
        unmade: Mapping[str, str] = {},
        logits: Mapping[str, tuple[float, ...]] = {},
    ) -> None:
        self._failing, self._good, self._unmade, self._logits = failing, good, unmade, logits
        self.measured: list[tuple[str, str, bool]] = []

    def make_model(self, peer: str, network: str, precision: str, folder: Path) -> Path:
        if peer in self._unmade:
            raise ProcessFailedError(self._unmade[peer])
        return folder / f"{network}-{peer}-{precision}"

    def measure(self, job: Job, *, environment: Mapping[str, str], **_: int) -> Seen:
        case = (job.peer, job.precision, bool(environment))
        self.measured.append(case)
        if job.peer in self._failing and self.measured.count(case) > self._good:
            raise ProcessFailedError(self._failing[job.peer])
        logits = self._logits.get(job.peer, BASELINE)
        return Seen(1.0, 2.0, 3.0, 4.0, 3.0, 10, 20, 30, {"chosen": "any"}, list(logits))


def compared(monkeypatch: pytest.MonkeyPatch, machine: Machine, *keys: str) -> Comparison:
    """Three rounds of these peers on that machine, all installed."""

    def logits(_: str) -> npt.NDArray[np.float64]:
        return np.array(BASELINE)

    for name in ("make_model", "measure"):
        monkeypatch.setattr(peers, name, getattr(machine, name))
    monkeypatch.setattr(float_baselines, "logits", logits)
    monkeypatch.setattr(peers, "_installed", lambda _: True)
    wanted = cases(["resnet20"], list(keys), [1])
    return compare(wanted, rounds=3, runs=1, models=Path("models"), notes=QUIET)


def test_without_pytorch_it_refuses(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert benchmark("peers", *QUICK) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["peers: error: expected PyTorch, found none: pip install '.[bench]'"]


def test_every_case_is_measured_in_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    comparison = compared(monkeypatch, machine, "openvino", "litert")
    once = {
        *((OWN, "W1A2", False), (OWN, "W1A2", True), ("litert", "int8", False)),
        *(("openvino", precision, False) for precision in ("int8", "bf16", "fp32")),
        *(("openvino", precision, True) for precision in ("int8", "fp32")),
    }
    rounds = [machine.measured[i : i + len(once)] for i in range(0, 3 * len(once), len(once))]
    assert [set(cases) for cases in rounds] == [once] * 3
    assert rounds[0] != rounds[1], "every round has an order of its own"
    assert all(list(seen) == [0, 1, 2] for seen in comparison.seen.values())
    assert comparison.missing == []


def test_a_peer_whose_tools_fail_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    comparison = compared(monkeypatch, Machine(unmade={"litert": "no converter"}), "litert")
    reason = "its tools cannot make the model: no converter"
    assert comparison.missing == [Missing("litert", "int8", reason, "resnet20")]
    assert {case.peer for case in comparison.seen} == {OWN}


@pytest.mark.parametrize("good", [0, 1], ids=["at once", "in the second round"])
def test_a_peer_that_crashes_is_named_and_not_tried_again(
    good: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(failing={"litert": "ended by signal 11"}, good=good)
    comparison = compared(monkeypatch, machine, "litert")
    crash = Missing("litert", "int8", "ended by signal 11", "resnet20", 1, False)
    assert comparison.missing == [crash]
    assert machine.measured.count(("litert", "int8", False)) == good + 1
    assert {case.peer for case in comparison.seen} == {OWN}


@pytest.mark.parametrize("logits", [(4.0, 2.0, 1.0), (1.0, 1.0, 1.0)], ids=["other", "constant"])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_peer_with_other_logits_than_its_twin_is_named(
    logits: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = compared(monkeypatch, Machine(logits={"litert": logits}), "litert")
    (missing,) = comparison.missing
    assert (missing.peer, missing.network) == ("litert", "resnet20")
    assert missing.reason.startswith("its logits are not the float baseline's: correlation ")
    assert {case.peer for case in comparison.seen} == {OWN}


def test_without_edgebin_the_run_has_failed(
    models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent(monkeypatch, "litert")
    (models / "resnet20-edgebin-W1A2.ebn").write_bytes(b"no network")
    assert benchmark("peers", *QUICK, "--peers", "litert", "--models-dir", models) == 1
    out = capsys.readouterr().out
    assert "missing: peer edgebin, precision W1A2, network resnet20, threads 1, held False" in out


def test_what_a_peer_lacks_is_named() -> None:
    reason = "its wheel has no tools that quantise"
    assert lacking(["ncnn", "openvino"]) == [Missing("ncnn", "int8", reason)]


def test_avx2_is_measured_at_one_thread_alone() -> None:
    assert cases(["resnet20"], ["ncnn", "openvino"], [2]) == [
        Case("resnet20", 2, peer, precision, False)
        for peer, precision in (
            *((OWN, "W1A2"), ("ncnn", "bf16"), ("ncnn", "fp32")),
            *(("openvino", "int8"), ("openvino", "bf16"), ("openvino", "fp32")),
        )
    ]
