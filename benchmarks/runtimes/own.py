"""edgebin: binary weights, 2-bit activations, int8 first and last layer, as `edgebin export` makes.

Its input is the image's bytes, so its time holds the normalisation that peers get for free.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from runtimes.peer import Job, Peer, noise


class _Own:
    def __init__(self, job: Job) -> None:
        import edgebin

        self._model = edgebin.load(job.path, threads=job.threads)
        self._shape = (job.batch, job.side, job.side, 3)

    def feed(self) -> None:
        self._pixels = noise(*self._shape)

    def run(self) -> Any:
        return self._model.run(self._pixels)

    def facts(self) -> dict[str, object]:
        return {"chosen": self._model.isa, "arena_bytes": self._model.arena_bytes}


def make(network: str, precision: str, path: Path, *options: str) -> None:  # noqa: ARG001 - as other runtimes'
    """Write the untrained network of seed 0.

    Args:
        network: a key of `edgebin.nn.networks.NETWORKS`.
        precision: there is one.
        path: of the .ebn file.
        options: more of `edgebin export`, such as "--input-size".

    Raises:
        RuntimeError: the command failed; the message is the line that it said.
    """
    command = ["export", "--arch", network, "--seed", "0", "-o", str(path), *options]
    ended = subprocess.run(
        [sys.executable, "-m", "edgebin", *command], stderr=subprocess.PIPE, text=True, check=False
    )
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or [f"ended with code {ended.returncode}"]
        raise RuntimeError(said[-1])


PEER = Peer(
    title="edgebin",
    module="edgebin",
    packages=("edgebin",),
    suffix=".ebn",
    precisions=("W1A2",),
    make=make,
    load=_Own,
    avx2={"EDGEBIN_ISA": "avx2"},
    held=("W1A2",),
)
