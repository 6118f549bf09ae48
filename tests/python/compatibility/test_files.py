"""Model files and the JSON of the commands: what 0.1.0 wrote and printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edgebin
from edgebin.graph.format import read
from processes.command_line import edgebin as command

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    """The JSON that a command prints."""
    assert command(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def lost(old: Any, new: Any, *, values: bool, at: str = "$") -> list[str]:
    """Paths of the keys, and of the values if asked for, of `old` that `new` does not have."""
    if isinstance(old, dict):
        missing = [f"{at}.{key}" for key in old if key not in new]
        rest = [key for key in old if key in new]
        return missing + [
            path
            for key in rest
            for path in lost(old[key], new[key], values=values, at=f"{at}.{key}")
        ]
    if isinstance(old, list) and old and isinstance(old[0], dict):
        pairs = list(zip(old, new, strict=True) if values else zip(old[:1], new[:1], strict=True))
        return [path for one, two in pairs for path in lost(one, two, values=values, at=f"{at}[]")]
    return [f"{at}: {old!r} became {new!r}"] if values and old != new else []


@pytest.mark.parametrize("name", ["version-1.ebn", "version-2.ebn"])
def test_both_versions_of_the_format_give_the_old_scores(
    old: Path, images: Path, name: str
) -> None:
    recorded = json.loads((old / "run.json").read_text())["results"][0]["predictions"]
    model = edgebin.load(old / name)
    found = [(one.label, one.index, one.score) for one in model(images / "val/dog/00.png")]
    assert found == [(one["label"], one["index"], one["score"]) for one in recorded]


def test_an_old_checkpoint_exports_to_the_same_network(runs: Path, tmp_path: Path) -> None:
    assert command("export", runs / "packed.pt", "-o", tmp_path / "new.ebn") == 0
    new, recorded = read(tmp_path / "new.ebn"), read(runs / "packed.ebn")
    assert new.labels == recorded.labels
    assert new.preprocessing == recorded.preprocessing
    assert len(new.graph.nodes) == len(recorded.graph.nodes)
    for node, was in zip(new.graph.nodes, recorded.graph.nodes, strict=True):
        assert (node.op, node.attributes) == (was.op, was.attributes)
        assert node.constants.keys() == was.constants.keys()
        assert all(np.array_equal(node.constants[key], was.constants[key]) for key in was.constants)


def test_inspect_prints_every_old_key_and_value(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = json.loads((old / "inspect.json").read_text())
    assert lost(recorded, printed(capsys, "inspect", old / "version-2.ebn"), values=True) == []


def test_run_prints_every_old_key_and_value(
    old: Path, images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = json.loads((old / "run.json").read_text())
    image = images / "val/dog/00.png"
    recorded["isa"] = edgebin.isas()[0]
    recorded["results"][0]["picture"] = str(image)
    assert lost(recorded, printed(capsys, "run", old / "version-2.ebn", image), values=True) == []


def test_verify_prints_every_old_key(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = json.loads((old / "verify.json").read_text())
    answer = printed(capsys, "verify", old / "version-2.ebn")
    assert lost(recorded, answer, values=False) == []
    assert answer["exact"] is True
    assert answer["pictures"] == recorded["pictures"]
    new = {"matrix_tiles"} if "amx" in edgebin.isas() else set()
    assert {check["product"] for check in answer["checks"]} == {"lookup", "bit_serial"} | new


def test_bench_prints_every_old_key(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = json.loads((old / "bench.json").read_text())
    few = ("--runs", 3, "--warmup", 0, "--profile", "--threads", 1)
    assert lost(recorded, printed(capsys, "bench", old / "version-2.ebn", *few), values=False) == []
