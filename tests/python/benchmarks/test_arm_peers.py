"""`arm_peers.py` and the parts of `arm/` that it needs, with an emulator that is written by hand.

qemu, apt and the peers themselves take minutes: what they do is not tested here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import arm.counts
import arm.peer
import arm.run_image
import arm_peers
import debian
from arm import system
from arm.counts import Block, code_of_an_image, instructions
from arm.cycles import CORES
from arm.peer import cases, products
from arm_peers import beside, edgebin_counts
from command import WheelError
from edgebin.errors import EdgebinError
from isolated import ProcessFailedError
from processes.benchmark_script import benchmark
from runtimes.peer import Job

A76 = "cortex-a76"
OWN_ROW = {"network": "resnet18", "core": A76, "instructions": 100, "cycles": 40}
NOP, RET = "1f2003d5", "c0035fd6"


def own_result(folder: Path, *rows: Mapping[str, Any]) -> Path:
    path = folder / "arm-model.json"
    path.write_text(json.dumps({"results": rows}))
    return path


def test_edgebins_counts_are_those_of_the_network_and_the_cores(tmp_path: Path) -> None:
    other, more = OWN_ROW | {"network": "alexnet"}, OWN_ROW | {"core": "cortex-a53"}
    found = edgebin_counts(own_result(tmp_path, OWN_ROW, other, more), "resnet18", [A76])
    assert found == {A76: {"instructions": 100, "cycles": 40}}


def test_a_core_that_edgebin_was_not_counted_on_is_named(tmp_path: Path) -> None:
    with pytest.raises(EdgebinError, match="expected resnet18 on cortex-a53, found cortex-a76"):
        edgebin_counts(own_result(tmp_path, OWN_ROW), "resnet18", [A76, "cortex-a53"])


@pytest.mark.parametrize("text", ["", "[]", '{"results": [{"network": "resnet18"}]}', "{"])
def test_a_file_that_is_no_result_is_one_line(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arm_peers, "version", lambda package: "1.0")
    path = tmp_path / "other.json"
    path.write_text(text)
    out = tmp_path / "out.json"
    assert benchmark("arm_peers", "--edgebin", path, "--output", out) == 2
    said = capsys.readouterr().err
    assert f"arm_peers: error: {path}: expected a result of arm_model.py" in said
    assert said.count("\n") == 1
    assert not out.exists()


def test_a_peer_that_is_not_installed_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(package: str) -> str:
        raise PackageNotFoundError(package)

    monkeypatch.setattr(arm_peers, "version", version)
    monkeypatch.chdir(tmp_path)
    assert benchmark("arm_peers", "--peers", "litert") == 2
    assert "ai-edge-litert: expected the package, found none" in capsys.readouterr().err


def test_a_ratio_is_to_edgebin_on_the_same_core() -> None:
    own = {A76: {"instructions": 100, "cycles": 40}, "b": {"instructions": 200, "cycles": 50}}
    row = {"peer": "litert", "core": "b", "instructions": 300, "cycles": 25}
    first, second, third = beside([row], own)
    assert first == {"peer": "edgebin", "core": A76, "instructions": 100, "cycles": 40}
    assert second["core"] == "b"
    assert third["ratio_to_edgebin"] == {"instructions": 1.5, "cycles": 0.5}


def test_half_precision_is_asked_for_where_a_core_calculates_in_it() -> None:
    found = [(precision, core.qemu) for _, precision, core in cases(["ncnn"], ["cortex-a72", A76])]
    assert found == [("fp32", "cortex-a72"), ("fp32", A76), ("fp16", A76)]


def test_the_product_is_of_the_blocks_that_run(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {
        b"hot ": ("smlal2 v0.8h, v1.16b, v2.16b", "smlal v0.8h, v1.8b, v2.8b", "add x0, x0, #1"),
        b"warm": ("sdot v0.4s, v1.16b, v2.16b",) * 3,
        b"rare": ("fmla v0.4s, v1.4s, v2.4s",) * 3000,
    }
    monkeypatch.setattr(arm.peer, "assembly", lines.__getitem__)
    counts = {Block(0, b"hot "): 10000.0, Block(0, b"warm"): 6000.0, Block(0, b"rare"): 9.0}
    assert products(counts) == "smlal"
    assert products({Block(0, b"warm"): 1.0}) == "sdot"
    assert products({}) == "none"


def emulator(runs: Iterator[str], commands: list[Sequence[str]]) -> Any:
    """A `run` that writes for each run of qemu the next of these counts."""

    def run(command: Sequence[str]) -> str:
        commands.append(command)
        Path(command[command.index("-plugin") + 1].partition("out=")[2]).write_text(next(runs))
        return ""

    return run


def test_code_that_moves_between_the_runs_is_the_same_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = iter(
        [
            f"1000 5 {NOP}{NOP}\n2000 1 {NOP}\n4000 7 {RET}\n",
            f"3000 25 {NOP}{NOP}\n1000 4 {NOP}{NOP}\n4000 7 {RET}\n",
        ]
    )
    commands: list[Sequence[str]] = []
    monkeypatch.setattr(arm.counts, "run", emulator(runs, commands))
    found = code_of_an_image(
        ["python", "x"],
        ["p"],
        core=A76,
        plugin=tmp_path / "blocks.so",
        folder=tmp_path,
        options=["-L", "there"],
    )
    assert found == {
        Block(0, bytes.fromhex(NOP * 2)): 12.0,
        Block(0, bytes.fromhex(NOP)): -0.5,
    }
    assert instructions(found) == 23.5
    assert [command[-2:] for command in commands] == [["x", "p"], ["p", "p"]]
    assert commands[0][:5] == ["qemu-aarch64", "-L", "there", "-cpu", A76]


def test_code_parted_by_a_page_is_one_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = iter([f"ffc 1 {NOP}\n1000 1 {RET}\n", f"1ffc 9 {NOP}\n2000 9 {RET}\n"])
    monkeypatch.setattr(arm.counts, "run", emulator(runs, []))
    found = code_of_an_image(
        ["x"], ["p"], core=A76, plugin=tmp_path / "blocks.so", folder=tmp_path, options=[]
    )
    assert found == {Block(0, bytes.fromhex(NOP + RET)): 4.0}


def test_the_system_says_which_core_it_has(tmp_path: Path) -> None:
    system.become(tmp_path, "cortex-a53")
    system.become(tmp_path, A76)
    facts = dict(
        line.split("\t: ") for line in (tmp_path / "proc/cpuinfo").read_text().strip().split("\n")
    )
    assert (facts["CPU implementer"], facts["CPU part"]) == ("0x41", "0xd0b")
    assert "asimddp" in facts["Features"].split()
    assert (tmp_path / "sys/devices/system/cpu/possible").read_text() == "0\n"


def test_every_core_of_the_model_can_be_emulated() -> None:
    assert set(system.IDENTITIES) == {core.qemu for core in CORES}


def test_a_path_that_qemu_would_part_is_refused(tmp_path: Path) -> None:
    assert f"PYTHONPATH={tmp_path}" in system.options(tmp_path, [tmp_path])
    with pytest.raises(EdgebinError, match="expected paths without commas"):
        system.options(tmp_path, [tmp_path / "a,b"])


def test_a_system_that_cannot_be_fetched_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpack(packages: Sequence[str], **_: object) -> Path:
        raise WheelError(f"apt-get: no {packages[0]}")

    monkeypatch.setattr(debian, "unpack", unpack)
    with pytest.raises(EdgebinError, match=r"apt-get: no python3\.11"):
        system.unpack(tmp_path)


def test_an_image_is_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    class Loaded:
        def __init__(self, job: Job) -> None:
            seen.append(job)

        def feed(self) -> None:
            seen.append("feed")

        def run(self) -> list[int]:
            seen.append("run")
            return [7]

    monkeypatch.setattr(arm.run_image, "PEERS", {"p": SimpleNamespace(load=Loaded)})
    answer = tmp_path / "answer.json"
    words = ["run_image.py", "p", "int8", "m.x", "32", str(answer), "image", "image"]
    monkeypatch.setattr("sys.argv", words)
    assert arm.run_image.main() == 0
    assert seen == [Job("p", "m.x", "int8", threads=1, side=32), "feed", "run", "run"]
    assert json.loads(answer.read_text()) == [7.0]


LOGITS = np.arange(10.0)


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Sequence[float]]:
    """No emulator: each peer answers what stands in the dict, and takes 300 instructions."""
    answers: dict[str, Sequence[float]] = {"litert": LOGITS.tolist(), "onnxruntime": [*LOGITS]}

    def count(command: Sequence[str], *_: object, **__: object) -> dict[Block, float]:
        Path(command[-1]).write_text(json.dumps(answers[command[2]]))
        return {Block(0, bytes.fromhex(NOP * 3)): 100.0}

    def make_model(peer: str, *_: object) -> Path:
        if peer not in answers:
            raise ProcessFailedError("its tools failed")
        return tmp_path / "model"

    fakes = {
        "version": lambda package: "1.0",
        "build_plugin": lambda folder: folder / "blocks.so",
        "make_model": make_model,
        "code_of_an_image": count,
        "weighed": lambda blocks, core: [(block, 50.0) for block in blocks],
        "assembly": lambda code: ("sdot v0.4s, v1.16b, v2.16b",),
    }
    for name, fake in fakes.items():
        for module in (arm_peers, arm.peer):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, fake)
    monkeypatch.setattr(system, "unpack", lambda folder: tmp_path / "system")
    monkeypatch.setattr(system, "install", lambda place, requirements: tmp_path / "site")
    monkeypatch.setattr("runtimes.float_baselines.logits", lambda network: LOGITS)
    monkeypatch.setattr("runtimes.float_baselines.macs", lambda network: 6000)
    return answers


def count_peers(folder: Path, *peers: str) -> tuple[int, dict[str, Any]]:
    out = folder / "out.json"
    words = ["--peers", *peers, "--cores", A76, "--edgebin", own_result(folder, OWN_ROW)]
    folders = ["--models-dir", folder / "models", "--system-dir", folder / "work"]
    code = benchmark("arm_peers", *words, *folders, "--output", out)
    return code, json.loads(out.read_text())


@pytest.mark.usefixtures("counted")
def test_a_result_has_edgebin_and_the_peers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, result = count_peers(tmp_path, "litert")
    assert code == 0
    assert result["macs"] == 6000
    assert result["results"] == [
        {"peer": "edgebin", "core": A76, "instructions": 100, "cycles": 40},
        {
            "peer": "litert",
            "precision": "int8",
            "core": A76,
            "version": "1.0",
            "instructions": 300,
            "cycles": 50,
            "products": "sdot",
            "agreement": 1.0,
            "ratio_to_edgebin": {"instructions": 3.0, "cycles": 1.25},
        },
    ]
    assert "LiteRT 1.0 int8" in capsys.readouterr().out


def test_a_peer_that_fails_is_named_and_the_others_stay(
    counted: dict[str, Sequence[float]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del counted["litert"]
    code, result = count_peers(tmp_path, "litert", "onnxruntime")
    assert code == 0
    assert [row["peer"] for row in result["results"]] == ["edgebin", "onnxruntime"]
    assert "peer litert, precision int8, core cortex-a76, reason its tools failed" in (
        capsys.readouterr().out
    )


def test_other_logits_than_the_baselines_are_no_result(
    counted: dict[str, Sequence[float]], tmp_path: Path
) -> None:
    counted["litert"] = LOGITS[::-1].tolist()
    code, result = count_peers(tmp_path, "litert")
    assert code == 1
    (missing,) = result["missing"]
    assert missing["reason"] == "its logits are not the float baseline's: correlation -1.000"


@pytest.mark.usefixtures("counted")
def test_a_former_result_is_put_beside_other_counts_of_edgebin(tmp_path: Path) -> None:
    _, former = count_peers(tmp_path, "litert")
    faster = own_result(tmp_path, OWN_ROW | {"instructions": 50})
    out = tmp_path / "out.json"
    assert benchmark("arm_peers", "--counted", out, "--edgebin", faster, "--output", out) == 0
    own, peer = json.loads(out.read_text())["results"]
    assert own["instructions"] == 50
    assert peer["ratio_to_edgebin"] == {"instructions": 6.0, "cycles": 1.25}
    assert {**peer, "ratio_to_edgebin": None} == former["results"][1] | {"ratio_to_edgebin": None}


@pytest.mark.usefixtures("counted")
def test_former_results_become_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    for peer, file in (("litert", one), ("onnxruntime", other)):
        count_peers(tmp_path, peer)
        (tmp_path / "out.json").rename(file)
    out = tmp_path / "out.json"
    words = ["--edgebin", own_result(tmp_path, OWN_ROW), "--output", out]
    assert benchmark("arm_peers", "--counted", one, other, *words) == 0
    found = [row["peer"] for row in json.loads(out.read_text())["results"]]
    assert found == ["edgebin", "litert", "onnxruntime"]
    other.write_text(json.dumps(json.loads(other.read_text()) | {"network": "alexnet"}))
    assert benchmark("arm_peers", "--counted", one, other, *words) == 2
    assert f"{other}: expected resnet18, found alexnet" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"results": [{}], "network": "resnet18"}'])
def test_a_former_result_that_is_none_is_one_line(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    former = tmp_path / "former.json"
    former.write_text(text)
    own = own_result(tmp_path, OWN_ROW)
    out = tmp_path / "out.json"
    assert benchmark("arm_peers", "--counted", former, "--edgebin", own, "--output", out) == 2
    assert f"{former}: expected a result of arm_peers.py" in capsys.readouterr().err
