"""Keeps of a trained network's checkpoint what a repository can carry.

    python benchmarks/slim.py CHECKPOINT --output FILE.pt.xz

A binary layer's latent weights become what its forward makes of them, alpha * sign(W): one bit and
a scale a channel, which xz packs to a twenty-fifth. The optimiser and the unaveraged weights go.
What is left can be exported, evaluated, be a teacher and start another run (`--init`), but not be
resumed, nor refined with its own latent weights as the teacher, for they are gone. alpha is a mean
of equal numbers from then on, whose rounding may differ in the last place, so export what was kept,
not what it was made from. `xz -dk FILE.pt.xz` unpacks it.
"""

from __future__ import annotations

import dataclasses
import lzma
import sys
import tempfile
from pathlib import Path
from typing import Any

from arguments import Parser, result_file
from edgebin.errors import EdgebinError
from edgebin.nn import BinaryConv2d, BinaryLinear
from edgebin.nn.weights import binary_weight
from edgebin.train.checkpoint.checkpoint import Checkpoint, load_network, save_checkpoint
from results import write_contents


def slimmed(path: Path) -> Checkpoint:
    """A checkpoint with weights alone, those of binary layers as they are used.

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


def packed(checkpoint: Checkpoint) -> bytes:
    """The file of a checkpoint, packed by xz."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.pt"
        save_checkpoint(path, checkpoint)
        return lzma.compress(path.read_bytes(), preset=9 | lzma.PRESET_EXTREME)


def main() -> int:
    """Pack; return the exit code."""
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--output", required=True, type=result_file, help="file to write")
    arguments = parser.parse_args()
    try:
        contents = packed(slimmed(arguments.checkpoint))
        write_contents(contents, arguments.output)
    except EdgebinError as error:
        print(f"slim: error: {error}", file=sys.stderr)
        return 2
    print(f"{arguments.output}: {len(contents)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
