"""ncnn: float32 and bfloat16 storage; pnnx makes its files.

The precision is what its options ask for: ncnn does not tell which kernel a layer took. float16 is
for the ARM cores that calculate in it: `arm_peers.py` asks for it, `peers.py` does not.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from runtimes.peer import Job, Peer, normalised


class _Net:
    def __init__(self, job: Job) -> None:
        import ncnn

        self._net = ncnn.Net()
        options = self._net.opt
        options.num_threads = job.threads
        options.use_vulkan_compute = False
        options.use_bf16_storage = job.precision == "bf16"
        half = job.precision == "fp16"
        options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = half
        path = Path(job.path)
        if self._net.load_param(str(path)) or self._net.load_model(str(path.with_suffix(".bin"))):
            raise RuntimeError(f"{path}: ncnn cannot load it")
        self._side = job.side

    def feed(self) -> None:
        import ncnn

        image = normalised(3, self._side, self._side)  # the first Mat only looks at its memory
        self._input = ncnn.Mat(image).clone()

    def run(self) -> Any:
        extractor = self._net.create_extractor()
        extractor.input("in0", self._input)
        code, logits = extractor.extract("out0")
        if code:
            raise RuntimeError(f"ncnn ended with code {code}")
        return np.array(logits)

    def facts(self) -> dict[str, object]:
        options = self._net.opt
        storage = {options.use_bf16_storage: "bf16", options.use_fp16_storage: "fp16"}
        return {"chosen": f"{storage.get(True, 'fp32')} storage"}


def _make(network: str, precision: str, path: Path) -> None:
    import pnnx
    import torch

    from runtimes.float_baselines import example, float_baseline

    sides = ",".join(str(size) for size in example(network).shape)
    with tempfile.TemporaryDirectory() as folder:
        traced = Path(folder) / "baseline.pt"
        trace: Any = torch.jit.trace  # untyped
        trace(float_baseline(network), example(network)).save(str(traced))
        half = int(precision != "fp32")
        subprocess.run(
            [pnnx.EXEC_PATH, traced.name, f"inputshape=[{sides}]", f"fp16={half}"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for suffix in (".param", ".bin"):
            path.with_suffix(suffix).write_bytes(traced.with_suffix(f".ncnn{suffix}").read_bytes())


PEER = Peer(
    title="ncnn",
    module="ncnn",
    packages=("ncnn", "pnnx"),
    suffix=".param",
    precisions=("bf16", "fp32"),
    make=_make,
    load=_Net,
    lacks={"int8": "its wheel has no tools that quantise"},
)
