"""`edgebin verify`: what it prints, and its exit codes 0, 1 and 2."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import edgebin as package
from edgebin.graph.fingerprint import make
from edgebin.graph.format import write
from graphs.small_networks import binary_network
from processes.command_line import edgebin


def write_tested(path: Path, *, wrong: int | None = None) -> Path:
    """Write a network with a fingerprint, one of whose hashes may be wrong."""
    network = binary_network()
    (case,) = make(network.graph, (3,))
    hashes = list(case.hashes)
    if wrong is not None:
        hashes[wrong] ^= 1
    write(replace(network, self_test=(replace(case, hashes=tuple(hashes)),)), path)
    return path


def test_bit_exact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("verify", write_tested(tmp_path / "m.ebn")) == 0
    out, err = capsys.readouterr()
    *ways, verdict = out.splitlines()
    assert {line.split()[0] for line in ways} == set(package.isas())
    assert all(line.endswith("bit-exact") for line in ways)
    found = f"bit-exact: binary, 1 image in {len(ways)} ways"
    assert verdict == f"{found}, as the numpy reference computed it"
    assert err == ""


def test_a_difference_is_named_and_is_no_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_tested(tmp_path / "m.ebn", wrong=3)
    assert edgebin("verify", path, "--isa", "scalar", "--threads", 2) == 1
    out, err = capsys.readouterr()
    assert out == "scalar    bit_serial    2 threads    DIFFERENT at hidden\n"
    assert err.startswith(
        f'edgebin: error: {path}: layer "hidden" (conv, kernel bit_serial), value "hidden", '
        "image 0, scalar, 2 threads: expected 0x"
    )
    assert ", found 0x" in err
    assert err.count("\n") == 1


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("verify", write_tested(tmp_path / "m.ebn"), "--json", "--isa", "scalar") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["model"], answer["images"], answer["exact"]) == ("binary", 1, True)
    assert [check["threads"] for check in answer["checks"]][:2] == [1, 2]
    for check in answer["checks"]:
        assert check["conv_algorithm"] == check["product"] == "bit_serial"
    assert edgebin("verify", write_tested(tmp_path / "m.ebn", wrong=6), "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert not answer["exact"]
    for check in answer["checks"]:
        difference = check["difference"]
        assert difference["layer"] == difference["value"] == "last"
        assert (difference["isa"], difference["threads"]) == (check["isa"], check["threads"])
        assert difference["expected"] ^ difference["found"] == 1


def test_a_file_without_fingerprint_is_one_line(
    binary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edgebin("verify", binary) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"edgebin: error: {binary}: expected a fingerprint, the file has none\n"


def test_inspect_says_whether_there_is_one(
    binary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edgebin("inspect", binary) == 0
    assert "test     none" in capsys.readouterr().out.splitlines()
    path = write_tested(tmp_path / "m.ebn")
    assert edgebin("inspect", path) == 0
    assert "test     1 image, for edgebin verify" in capsys.readouterr().out.splitlines()
    assert edgebin("inspect", path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["self_test"] == 1
