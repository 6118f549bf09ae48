"""`tests/fuzz/long_run.py`: what it reads out of libFuzzer's words, keeps and reports."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "fuzz" / "long_run.py"

FUZZER = """#!/bin/sh
for word; do
  case "$word" in
    -merge=1) merging=1 ;;
    -artifact_prefix=*) place=${word#*=} ;;
    -*) ;;
    *) first=${first:-$word} ;;
  esac
done
if [ -n "$merging" ]; then
  printf smallest > "$first/a"
  %s
else
  echo "#12 NEW cov: 7 ft: 9 corp: 1/1b"
  echo "stat::number_of_executed_units: 1234"
  %s
fi
"""


def run(tmp_path: Path, finding: str, merge: str = ":") -> tuple[int, dict[str, object]]:
    """Run the script on a fuzzer that says little; return its exit code and the results."""
    program = tmp_path / "build/tests/fuzz/edgebin_load_fuzz"
    program.parent.mkdir(parents=True)
    program.write_text(FUZZER % (merge, finding))
    program.chmod(0o755)
    output = tmp_path / "results.json"
    options = ["--seconds", "1", "--corpus", str(tmp_path / "corpus"), "--output", str(output)]
    options += ["--findings", str(tmp_path / "findings")]
    code = runpy.run_path(str(SCRIPT))["main"]([str(tmp_path / "build"), *options])
    (target,) = json.loads(output.read_text())["targets"]
    return code, target


def test_results_and_the_minimised_corpus(tmp_path: Path) -> None:
    code, target = run(tmp_path, ":")
    assert code == 0
    assert target == {
        "target": "load",
        "seconds": 1,
        "executions": 1234,
        "edges": 7,
        "features": 9,
        "corpus_files": 1,
        "corpus_bytes": len("smallest"),
        "findings": [],
    }
    assert (tmp_path / "corpus/load/a").read_text() == "smallest"


def test_a_finding_is_kept_and_told(tmp_path: Path) -> None:
    code, target = run(tmp_path, 'printf x > "${place}crash-1"')
    assert code == 1
    assert target["findings"] == ["crash-1"]
    assert (tmp_path / "findings/load/crash-1").exists()


def test_a_target_that_does_not_run_is_a_finding_and_costs_no_corpus(tmp_path: Path) -> None:
    kept = tmp_path / "corpus/load/old"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    code, target = run(tmp_path, "exit 7", merge="exit 8")
    assert code == 1
    assert target["findings"] == ["exit code 7", "exit code 8"]
    assert kept.read_text() == "kept"


def test_a_build_without_fuzzers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runpy.run_path(str(SCRIPT))["main"]([str(tmp_path)]) == 2
    assert "expected fuzzers, found none" in capsys.readouterr().out
