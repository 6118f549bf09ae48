"""Through 0.2.x, `--json` documents have the keys of 0.1 beside those that replaced them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgebin.cli.terminal.old_keys import with_old_keys
from processes.command_line import edgebin


def test_old_names_stand_beside_new_ones_at_any_depth() -> None:
    document = {"images": 2, "checks": [{"conv_algorithm": "lookup", "threads": 1}]}
    assert with_old_keys(document) == {
        "images": 2,
        "pictures": 2,
        "checks": [{"conv_algorithm": "lookup", "product": "lookup", "threads": 1}],
    }


def test_verify_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("verify", "cifar10-resnet20", "--isa", "scalar", "--threads", 1, "--json")
    assert edgebin(*words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["images"] == answer["pictures"] == 2
    for check in answer["checks"]:
        assert check["conv_algorithm"] == check["product"]


def test_run_has_them(colours: Path, green: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("run", colours, green, "--json") == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert result["image"] == result["picture"] == str(green)


@pytest.mark.usefixtures("python")
def test_bench_has_them(colours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("bench", colours, "--runs", 1, "--warmup", 0, "--profile", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["steps"] == answer["stages"] != []
