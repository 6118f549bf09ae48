"""OpenVINO: float32, bfloat16 (its default where the CPU has it), and int8 by NNCF.

bf16 and fp32 run the same file; the precision is asked for, and what ran is read from the compiled
model, layer by layer.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from runtimes.peer import Job, Peer, normalised

_HINTS = {"fp32": "f32", "bf16": "bf16"}


class _Compiled:
    def __init__(self, job: Job) -> None:
        import openvino

        options = {
            "INFERENCE_NUM_THREADS": job.threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }
        if job.precision in _HINTS:
            options["INFERENCE_PRECISION_HINT"] = _HINTS[job.precision]
        self._compiled = openvino.Core().compile_model(job.path, "CPU", options)
        self._request = self._compiled.create_infer_request()

    def feed(self) -> None:
        tensor = self._request.get_input_tensor().data
        tensor[:] = normalised(*tensor.shape)

    def run(self) -> Any:
        return self._request.infer()[0]

    def facts(self) -> dict[str, object]:
        infos = [node.get_rt_info() for node in self._compiled.get_runtime_model().get_ops()]
        kinds = Counter(
            _text(info["primitiveType"])
            for info in infos
            if _text(info["layerType"]) in ("Convolution", "FullyConnected")
        )
        return {"chosen": ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())}


def _text(value: object) -> str:
    return str(getattr(value, "value", value))


def _make(network: str, precision: str, path: Path) -> None:
    import openvino

    from runtimes.float_baselines import calibration, example, float_baseline

    shape = list(example(network).shape)
    model = openvino.convert_model(
        float_baseline(network), example_input=example(network), input=shape
    )
    if precision == "int8":
        import nncf

        batches = calibration(network)
        model = nncf.quantize(model, nncf.Dataset(batches), subset_size=len(batches))
    openvino.save_model(model, path, compress_to_fp16=precision != "fp32")


PEER = Peer(
    title="OpenVINO",
    module="openvino",
    packages=("openvino", "nncf"),
    suffix=".xml",
    precisions=("int8", "bf16", "fp32"),
    make=_make,
    load=_Compiled,
    avx2={"ONEDNN_MAX_CPU_ISA": "AVX2"},
    held=("int8", "fp32"),
)
