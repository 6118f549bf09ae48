"""Peers, by packages of their names that imitate what is called of them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from edgebin.errors import OptionError
from edgebin.runtime.compare.interleaved import contestants, measure_interleaved
from edgebin.runtime.compare.peers import PEERS, peers_of
from edgebin.runtime.compare.peers.peer import noise, shape_of
from edgebin.runtime.measure import Plan

ONNX_RUNTIME = """
import os, sys
from types import SimpleNamespace
print("a runtime that prints")


class SessionOptions:
    pass


class InferenceSession:
    def __init__(self, path, options, providers):
        if "broken" in path:
            raise RuntimeError("[ONNXRuntimeError] : 7 : INVALID_PROTOBUF\\nmore lines")
        assert providers == ["CPUExecutionProvider"]
        assert options.intra_op_num_threads == len(os.sched_getaffinity(0)) == 1

    def get_inputs(self):
        return [SimpleNamespace(name="x", type="tensor(float)", shape=["batch", 3, 4, 4])]

    def run(self, outputs, feed):
        assert feed["x"].shape == (2, 3, 4, 4) and feed["x"].dtype == "float32"
        return [feed["x"].sum()]
"""


@pytest.fixture
def onnx_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose package stands for ONNX Runtime; other runtimes are not installed."""
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / "onnxruntime.py").write_text(ONNX_RUNTIME)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    monkeypatch.setattr(
        "edgebin.runtime.compare.interleaved._is_installed", lambda key: key == "onnxruntime"
    )
    return tmp_path


@pytest.mark.slow
@pytest.mark.usefixtures("python")
def test_a_model_beside_onnx_runtime(onnx_runtime: Path, binary: Path) -> None:
    (onnx_runtime / "net.onnx").write_bytes(b"")
    (onnx_runtime / "broken.onnx").write_bytes(b"")
    entered, missing = contestants(
        str(binary), [str(onnx_runtime / "net.onnx"), str(onnx_runtime / "broken.onnx")]
    )
    assert [one.title for one in entered] == ["edgebin", "ONNX Runtime", "ONNX Runtime"]
    assert len(missing) == 2
    assert all("OpenVINO is not installed" in line for line in missing)
    rounds: list[int] = []
    own, peer, broken = measure_interleaved(
        entered, Plan(batch=2, seconds=0.01, cores=1), 2, rounds.append
    )
    assert rounds == [1, 2]
    assert len(own.medians) == len(peer.medians) == 2
    assert peer.inputs == "float32 2x3x4x4"
    assert peer.over(own).value == pytest.approx(sum(peer.medians) / sum(own.medians))
    assert broken.failure == "ONNX Runtime: [ONNXRuntimeError] : 7 : INVALID_PROTOBUF"
    assert broken.medians == []


def test_a_runtime_that_is_not_installed_is_named(onnx_runtime: Path, binary: Path) -> None:
    path = onnx_runtime / "net.tflite"
    path.write_bytes(b"")
    with pytest.raises(OptionError) as caught:
        contestants(str(binary), [str(path)])
    assert str(caught.value) == (
        f'compare "{path}": expected OpenVINO or LiteRT, found none; install one: '
        "pip install openvino or pip install ai-edge-litert"
    )


@pytest.mark.parametrize(
    ("other", "line"),
    [
        ("none.onnx", "no such file"),
        ("photo.png", "expected a file that ends in .ebn, .onnx, .tflite or .xml"),
        ("cifar10-resnet2", "expected a file that ends in"),
    ],
)
def test_what_cannot_be_compared(other: str, line: str, binary: Path) -> None:
    with pytest.raises(OptionError, match=line):
        contestants(str(binary), [other])


def test_which_runtime_runs_which_file() -> None:
    assert peers_of(".onnx") == ("onnxruntime", "openvino")
    assert peers_of(".TFLITE") == ("openvino", "litert")
    assert peers_of(".ebn") == ()
    assert all(peer.suffixes for peer in PEERS.values())


def test_the_shape_of_an_input() -> None:
    assert shape_of(["batch", 3, 32, 32], 4) == (4, 3, 32, 32)
    assert shape_of([None, 10], 1) == (1, 10)
    assert shape_of([-1, 3], 2) == (2, 3)
    assert shape_of([1, 3, 8, 8], 1) == (1, 3, 8, 8)
    with pytest.raises(ValueError, match="expected a batch of 4, found 1"):
        shape_of([1, 3, 8, 8], 4)
    with pytest.raises(ValueError, match="expected a fixed shape but for the batch"):
        shape_of(["batch", 3, "height", 8], 1)


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8", "int8", "int64", "bool"])
def test_noise_has_type_and_range(dtype: str) -> None:
    found = noise((2, 3, 8, 8), dtype)
    assert (found.dtype, found.shape) == (np.dtype(dtype), (2, 3, 8, 8))
    assert len(np.unique(found)) > 1
    if found.dtype.kind == "f":
        assert np.abs(found).max() < 1.8
    np.testing.assert_array_equal(found, noise((2, 3, 8, 8), dtype))
