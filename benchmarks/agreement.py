"""Holds an `.ebn` file against the checkpoint that it was exported from, picture by picture.

    python benchmarks/agreement.py CHECKPOINT MODEL --data DIR [--output FILE.json]

Runs every test picture of CIFAR-10 through PyTorch in float64 and through edgebin, and compares the
class with the largest logit. PyTorch runs in float64 because that is what the export is exact
against: hidden layers are integers, and only the residual stream is rounded, to float32. Where the
classes differ, the first code that differs between exact and float32 arithmetic is looked up. If
the exact value lies within TIE of its threshold, relative to it, rounding alone decided that code
and the picture is a tie; else the script fails. It downloads nothing.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track

import edgebin
from arguments import Parser, count, result_file
from edgebin import reference, zoo
from edgebin.errors import EdgebinError
from edgebin.exporter.evaluate import evaluate
from edgebin.exporter.sources import from_checkpoint
from edgebin.format import read
from edgebin.ir import Graph
from edgebin.train.data.cifar10 import FOLDER, TEST_FILE, read_batch
from results import about, write_result

TIE = 1e-5
BATCH = 250

Pictures = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tie:
    """A picture whose classes differ, and the code where the two ways part.

    Args:
        picture: its number in the test file.
        torch_class, edgebin_class, label: class numbers.
        margin: of torch's two largest logits.
        node: that makes the first code that differs; empty where only logits differ.
        distance: of the exact value to the threshold it is held against, relative to that.
    """

    picture: int
    torch_class: int
    edgebin_class: int
    label: int
    margin: float
    node: str
    distance: float


def main() -> int:
    """Compare, print, and write the result; 1 where a difference is no tie."""
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("model", help="an .ebn file or the name of a shipped model")
    parser.add_argument("--data", type=Path, required=True, help=f"folder that holds {FOLDER}")
    parser.add_argument("--output", type=result_file, help="where to write the result as JSON")
    parser.add_argument("--threads", type=count, default=1)
    arguments = parser.parse_args()
    try:
        result = compare(
            arguments.checkpoint, arguments.model, arguments.data, threads=arguments.threads
        )
        if arguments.output is not None:
            write_result(result, arguments.output)
    except EdgebinError as error:
        print(f"agreement: error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result, indent=2))
    return 0 if result["agrees"] else 1


def compare(checkpoint: Path, model: str, data: Path, *, threads: int) -> dict[str, Any]:
    """All test pictures through both; the result as it is written.

    Raises:
        EdgebinError: a file is missing or damaged.
    """
    home = data / FOLDER if (data / FOLDER).is_dir() else data
    planes, labels = read_batch(home / TEST_FILE)
    pictures: Pictures = np.ascontiguousarray(planes.permute(0, 2, 3, 1).numpy())
    source = from_checkpoint(checkpoint)
    path = zoo.resolve(model)
    runtime = edgebin.load(path, threads=threads)
    expected = _torch_logits(source.model, pictures, runtime.preprocessing)
    found = np.concatenate(
        [runtime.run(pictures[i : i + BATCH]) for i in range(0, len(pictures), BATCH)]
    )
    truth = labels.numpy()
    torch_classes, classes = expected.argmax(1), found.argmax(1)
    graph = read(path).graph
    ties = [
        _explain(graph, pictures, int(i), expected, classes, truth)
        for i in np.flatnonzero(torch_classes != classes)
    ]
    accuracy = {
        "torch": float((torch_classes == truth).mean()),
        "edgebin": float((classes == truth).mean()),
    }
    return {
        "model": runtime.name,
        "file_bytes": path.stat().st_size,
        "isa": runtime.isa,
        "threads": threads,
        "pictures": len(pictures),
        "accuracy": accuracy,
        "differing": len(ties),
        "ties": [asdict(tie) for tie in ties],
        "logit_difference": _largest_difference(expected, found),
        "agrees": all(tie.distance <= TIE for tie in ties)
        and abs(accuracy["torch"] - accuracy["edgebin"]) <= 0.0005,
        **about(),
    }


def _torch_logits(model: torch.nn.Module, pictures: Pictures, how: Any) -> npt.NDArray[np.float64]:
    exact = model.double().eval()
    mean, scale = (
        torch.tensor(values, dtype=torch.float64).reshape(1, 3, 1, 1)
        for values in (how.mean, how.scale)
    )
    logits = []
    with torch.inference_mode():
        batches = range(0, len(pictures), BATCH)
        for start in track(batches, "PyTorch, float64", console=Console(stderr=True)):
            pixels = torch.from_numpy(pictures[start : start + BATCH]).permute(0, 3, 1, 2)
            logits.append(exact((pixels.contiguous().double() / 255 - mean) / scale).numpy())
    return np.concatenate(logits)


def _explain(
    graph: Graph,
    pictures: Pictures,
    index: int,
    expected: npt.NDArray[np.float64],
    classes: npt.NDArray[np.intp],
    truth: npt.NDArray[np.int64],
) -> Tie:
    """Find the first code that exact and float32 arithmetic give differently."""
    picture = pictures[index : index + 1]
    exact = evaluate(graph, picture)
    rounded = reference.evaluate(graph, picture)
    node_name, distance = "", 0.0
    for node in graph.nodes:
        if node.op != "quantize":
            continue
        codes = rounded[node.name][0].astype(np.float64)
        exact_codes = exact[node.name][0].permute(1, 2, 0).numpy()
        differing = np.argwhere(codes != exact_codes)
        if len(differing):
            row, column, channel = differing[0]
            value = float(exact[node.inputs[0]][0, channel, row, column])
            sign = float(node.constants["sign"][channel]) if "sign" in node.constants else 1.0
            thresholds = np.asarray(node.constants["thresholds"], np.float64)[channel]
            gaps = np.abs(sign * value - thresholds) / np.maximum(np.abs(thresholds), 1e-3)
            node_name, distance = node.name, float(gaps.min())
            break
    best = np.sort(expected[index])
    return Tie(
        index,
        int(expected[index].argmax()),
        int(classes[index]),
        int(truth[index]),
        float(best[-1] - best[-2]),
        node_name,
        distance if node_name else float((best[-1] - best[-2]) / max(1e-3, abs(best[-1]))),
    )


def _largest_difference(
    expected: npt.NDArray[np.float64], found: npt.NDArray[np.float32]
) -> dict[str, float]:
    """Of the logits: over all pictures, and its median over pictures."""
    worst = np.abs(expected - found).max(axis=1)
    return {"median": float(np.median(worst)), "maximum": float(worst.max())}


if __name__ == "__main__":
    sys.exit(main())
