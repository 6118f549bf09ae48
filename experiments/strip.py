"""Strips the checkpoint of a trained network to what fits a repository, and compresses it.

    python experiments/strip.py CHECKPOINT --output FILE.pt.xz

The latent weights of a binary layer are replaced by the weights that its forward pass uses,
alpha * sign(W): one bit per weight and one scale per channel, which xz compresses to 1/25 of the
size. The optimizer state and the unaveraged weights are removed. A stripped checkpoint can be
exported and evaluated, can be a teacher and can start another run (`--init`). It cannot be resumed,
and it cannot be refined with its own latent weights as the teacher. alpha is then recomputed as a
mean of equal numbers, which may differ in the last bit: export the stripped checkpoint, not the
original. `xz -dk FILE.pt.xz` decompresses it.
"""

from __future__ import annotations

import dataclasses
import lzma
import sys
import tempfile
from pathlib import Path
from typing import Any

import benchmarks_path  # noqa: F401
from arguments import Parser, result_file
from edgebin.errors import EdgebinError
from edgebin.nn import BinaryConv2d, BinaryLinear
from edgebin.nn.weights import binary_weight
from edgebin.train.checkpoint.checkpoint import Checkpoint, save_checkpoint
from edgebin.train.checkpoint.network import load_network
from result_files import write_contents


def stripped(path: Path) -> Checkpoint:
    """Load a checkpoint and keep only its weights, those of binary layers as they are used.

    Raises:
        CheckpointError: as `load_network`.
    """
    network, checkpoint = load_network(path)
    model = dict(checkpoint.model)
    for name, module in network.named_modules():
        if isinstance(module, BinaryConv2d | BinaryLinear):
            model[f"{name}.weight"] = binary_weight(module.weight).detach().contiguous()
    optimizer: dict[str, Any] = {"state": {}, "param_groups": []}
    return dataclasses.replace(checkpoint, model=model, optimizer=optimizer, raw=None)


def compressed(checkpoint: Checkpoint) -> bytes:
    """Return the file of a checkpoint, compressed with xz."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.pt"
        save_checkpoint(path, checkpoint)
        return lzma.compress(path.read_bytes(), preset=9 | lzma.PRESET_EXTREME)


def main() -> int:
    """Strip, compress, write; return the exit code."""
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--output", required=True, type=result_file, help="file to write")
    arguments = parser.parse_args()
    try:
        contents = compressed(stripped(arguments.checkpoint))
        write_contents(contents, arguments.output)
    except EdgebinError as error:
        print(f"strip: error: {error}", file=sys.stderr)
        return 2
    print(f"{arguments.output}: {len(contents)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
