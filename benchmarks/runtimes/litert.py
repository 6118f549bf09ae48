"""LiteRT, TensorFlow Lite's heir: int8 with XNNPACK; litert-torch and its quantizer make the file.

Its input is int8, channels last, so that it has no transposition or quantisation to do.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from runtimes.peer import Job, Peer, normalised


class _Interpreter:
    def __init__(self, job: Job) -> None:
        self._interpreter = _open(job.path, job.threads)
        self._output = self._interpreter.get_output_details()[0]["index"]

    def feed(self) -> None:
        details = self._interpreter.get_input_details()[0]
        _, height, width, channels = details["shape"]
        numbers = np.moveaxis(normalised(1, channels, height, width), 1, 3)
        scale, zero = details["quantization"]
        codes = np.clip(np.rint(numbers / scale) + zero, -128, 127).astype(details["dtype"])
        self._interpreter.set_tensor(details["index"], codes)

    def run(self) -> Any:
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)[0]

    def facts(self) -> dict[str, object]:
        """Layers by type of their weights; a delegate is a run of layers that XNNPACK took."""
        types = {t["index"]: np.dtype(t["dtype"]) for t in self._interpreter.get_tensor_details()}
        operators = self._interpreter._get_ops_details()
        kinds = Counter(
            f"{operator['op_name']} {types[operator['inputs'][1]]}"
            for operator in operators
            if operator["op_name"] in ("CONV_2D", "FULLY_CONNECTED")
        )
        delegates = sum(operator["op_name"] == "DELEGATE" for operator in operators)
        layers = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        return {"chosen": f"{layers}, delegates {delegates}"}


def _open(path: str, threads: int) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path, num_threads=threads)
    interpreter.allocate_tensors()
    return interpreter


def _make(network: str, _precision: str, path: Path) -> None:
    import litert_torch
    from ai_edge_quantizer import quantizer, recipe

    from runtimes.float_baselines import calibration, example, float_baseline

    last = litert_torch.to_channel_last_io(float_baseline(network), args=[0])
    with tempfile.TemporaryDirectory() as folder:
        plain = str(Path(folder) / "plain.tflite")
        image = example(network).permute(0, 2, 3, 1).contiguous()
        litert_torch.convert(last, (image,)).export(plain)
        ((key, names),) = _open(plain, 1).get_signature_list().items()
        (name,) = names["inputs"]
        batches = [{name: np.moveaxis(batch, 1, 3).copy()} for batch in calibration(network)]
        made = quantizer.Quantizer(plain)
        made.load_quantization_recipe(recipe.static_wi8_ai8())
        made.quantize(made.calibrate({key: batches})).export_model(str(path))


PEER = Peer(
    title="LiteRT",
    module="ai_edge_litert.interpreter",
    packages=("ai-edge-litert", "litert-torch"),
    suffix=".tflite",
    precisions=("int8",),
    make=_make,
    load=_Interpreter,
)
