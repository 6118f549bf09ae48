"""ONNX Runtime: float32, and its static quantisation of unsigned activations, signed weights.

u8s8 because its kernels for s8s8 are several times slower on x86.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from runtimes.peer import Job, Peer, normalised


class _Session:
    def __init__(self, job: Job) -> None:
        self._job = job
        self._session = _open(job)

    def feed(self) -> None:
        self._input = {"x": normalised(1, 3, self._job.side, self._job.side)}

    def run(self) -> Any:
        return self._session.run(None, self._input)[0]

    def facts(self) -> dict[str, object]:
        """The layers of the graph that the session made; a second session writes it."""
        import onnx

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "optimised.onnx"
            _open(self._job, path)
            nodes = onnx.load(path, load_external_data=False).graph.node
        kinds = Counter(node.op_type for node in nodes)
        layers = ("Conv", "FusedConv", "QLinearConv", "Gemm", "FusedGemm", "QGemm")
        return {"chosen": ", ".join(f"{kind} {kinds[kind]}" for kind in layers if kinds[kind])}


def _open(job: Job, optimised: Path | None = None) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if optimised is not None:
        options.optimized_model_filepath = str(optimised)
    return onnxruntime.InferenceSession(job.path, options, providers=["CPUExecutionProvider"])


def _make(network: str, precision: str, path: Path) -> None:
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    if precision == "fp32":
        _float(network, path)
        return
    with tempfile.TemporaryDirectory() as folder:
        plain, folded = Path(folder) / "plain.onnx", Path(folder) / "folded.onnx"
        _float(network, plain)
        quant_pre_process(str(plain), str(folded))
        quantization.quantize_static(
            str(folded),
            str(path),
            _calibration(network),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
        )


def _float(network: str, path: Path) -> None:
    import torch

    from runtimes.float_baselines import example, float_baseline

    torch.onnx.export(
        float_baseline(network),
        (example(network),),
        path,
        dynamo=False,  # the other exporter needs one more package
        opset_version=17,
        input_names=["x"],
        output_names=["y"],
    )


def _calibration(network: str) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    from runtimes.float_baselines import calibration

    class Reader(CalibrationDataReader):  # type: ignore[misc]  # untyped
        def __init__(self) -> None:
            self._batches = iter(calibration(network))

        def get_next(self) -> dict[str, object] | None:
            batch = next(self._batches, None)
            return None if batch is None else {"x": batch}

    return Reader()


PEER = Peer(
    title="ONNX Runtime",
    module="onnxruntime",
    packages=("onnxruntime", "onnx"),
    suffix=".onnx",
    precisions=("int8", "fp32"),
    make=_make,
    load=_Session,
)
