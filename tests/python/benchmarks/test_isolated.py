"""A process of its own: what it inherits, what it answers, how it fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import edgebin
from edgebin.runtime import zoo
from isolated import ProcessFailedError, make_model, measure, model_bytes
from runtimes.peer import Job, noise


def job(path: Path | None = None) -> Job:
    shipped = zoo.resolve("cifar10-resnet20")
    return Job("edgebin", str(path or shipped), "W1A2", threads=1, side=32)


def test_a_switch_holds_its_own_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEBIN_ISA", "scalar")
    assert measure(job(), warmup=0, runs=1, environment={}).facts["chosen"] == edgebin.isas()[0]
    held = measure(job(), warmup=0, runs=1, environment={"EDGEBIN_ISA": "scalar"})
    assert held.facts["chosen"] == "scalar"


def test_a_process_answers_what_the_model_does() -> None:
    seen = measure(job(), warmup=1, runs=1, environment={})
    expected = edgebin.load(job().path).run(noise(1, 32, 32, 3))
    assert seen.logits == expected.astype(np.float64).ravel().tolist()
    assert 0 < seen.min_ms == seen.median_ms == seen.p90_ms, "of one call, the others untimed"
    assert 0 < seen.ground_memory_bytes <= seen.import_memory_bytes <= seen.peak_memory_bytes


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    path = tmp_path / "bad.ebn"
    path.write_bytes(b"no network")
    with pytest.raises(ProcessFailedError, match=r"bad\.ebn"):
        measure(job(path), warmup=0, runs=1, environment={})


def test_a_made_model_is_kept_with_its_companions(tmp_path: Path) -> None:
    path = tmp_path / "resnet20-ncnn-fp32.param"
    path.write_bytes(b"abc")
    path.with_suffix(".bin").write_bytes(b"defg")
    assert make_model("ncnn", "resnet20", "fp32", tmp_path) == path
    assert model_bytes(path) == 7


@pytest.mark.slow
def test_a_model_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProcessFailedError, match="lenet"):
        make_model("edgebin", "lenet", "W1A2", tmp_path)
    assert not any(tmp_path.iterdir())
