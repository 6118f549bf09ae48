"""Compares an `.ebn` file with the checkpoint that it was exported from, image by image.

    python experiments/agreement.py CHECKPOINT MODEL --data DIR [--output FILE.json]

Every test image, of CIFAR-10 or of folders as in `accuracy.py`, runs through PyTorch in float64 and
through edgebin, and the classes with the largest logit are compared. PyTorch runs in float64
because the export is exact against it: hidden layers are integers, and only the residual stream and
its parameters are rounded to float32. Where the classes differ, the script finds the first node
whose codes differ between the float64 network and the file. If the input of HWGQ there lies within
TIE of every threshold between the two codes, in standard deviations, rounding alone decided the
codes and the image is a tie. Where no code differs, the relative margin of the logits is compared
with TIE. Any other difference is a failure. Nothing is downloaded.
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

import benchmarks_path  # noqa: F401
import edgebin
from accuracy import open_test_set
from arguments import Parser, count, result_file
from edgebin.errors import DataError, EdgebinError
from edgebin.exporter.capture import capture
from edgebin.exporter.dialect import THRESHOLD, reals
from edgebin.exporter.evaluate import evaluate
from edgebin.graph import reference
from edgebin.graph.format import read
from edgebin.graph.ir import Graph
from edgebin.runtime import zoo
from edgebin.runtime.preprocess import prepare
from edgebin.sources import from_checkpoint
from result_files import about, write_result

TIE = 1e-5

Images = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tie:
    """An image whose classes differ, and the first code that differs.

    Args:
        image: index of the image in the test set.
        torch_class, edgebin_class, label: class indices.
        margin: difference of the two largest logits in PyTorch.
        node: that computes the first differing code; empty where only logits differ.
        distance: the largest distance in that node of an input of HWGQ to the thresholds between
            the two codes; the relative margin of the logits where only they differ.
    """

    image: int
    torch_class: int
    edgebin_class: int
    label: int
    margin: float
    node: str
    distance: float


def main() -> int:
    """Compare, print, and write the result; 1 if a difference is not a tie."""
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("model", help="an .ebn file or the name of a shipped model")
    parser.add_argument("--data", type=Path, required=True, help="folder of the test set")
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
    """Run all test images through both; return the result as it is written.

    Raises:
        EdgebinError: a file is missing or damaged, or the test set has other classes.
    """
    test_set = open_test_set(data)
    source = from_checkpoint(checkpoint)
    network = capture(source.model, source.example, source.preprocessing)
    exact = source.model.double().eval()
    path = zoo.resolve(model)
    runtime = edgebin.load(path, threads=threads)
    if tuple(runtime.labels) not in test_set.names:
        raise DataError(f"{data}: expected the classes of {model} in its order, found others")
    graph = read(path).graph
    right = {"torch": 0, "edgebin": 0}
    ties: list[Tie] = []
    differences: list[npt.NDArray[np.float64]] = []
    done = 0
    console = Console(stderr=True)
    for batch, truth in track(test_set.batches, "PyTorch, float64", console=console):
        images = _pixels(runtime, batch)
        expected = _torch_logits(exact, images, runtime.preprocessing)
        found = runtime.run(images)
        torch_classes, classes = expected.argmax(1), found.argmax(1)
        right["torch"] += int((torch_classes == truth).sum())
        right["edgebin"] += int((classes == truth).sum())
        differences.append(np.abs(expected - found).max(axis=1))
        for i in np.flatnonzero(torch_classes != classes):
            pair = (int(classes[i]), int(truth[i]))
            codes = first_difference(network, graph, images[i : i + 1])
            ties.append(_explain(codes, done + int(i), expected[i], *pair))
        done += len(images)
    accuracy = {name: count / done for name, count in right.items()}
    return {
        "model": runtime.name,
        "file_bytes": path.stat().st_size,
        "isa": runtime.isa,
        "threads": threads,
        "test_set": test_set.name,
        "images": done,
        "pictures": done,  # as it was called
        "accuracy": accuracy,
        "differing": len(ties),
        "ties": [{**asdict(tie), "picture": tie.image} for tie in ties],
        "logit_difference": _largest(np.concatenate(differences)),
        "agrees": all(tie.distance <= TIE for tie in ties)
        and abs(accuracy["torch"] - accuracy["edgebin"]) <= 0.0005,
        **about(),
    }


def _pixels(runtime: edgebin.Model, batch: Any) -> Images:
    height, width, channels = runtime.inputs[0].shape
    shape = (height, width, channels)
    return np.stack([prepare(image, runtime.preprocessing, shape) for image in batch])


def _torch_logits(exact: torch.nn.Module, images: Images, how: Any) -> npt.NDArray[np.float64]:
    mean, scale = (
        torch.tensor(values, dtype=torch.float64).reshape(1, 3, 1, 1)
        for values in (how.mean, how.scale)
    )
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    with torch.inference_mode():
        logits: npt.NDArray[np.float64] = exact((pixels.double() / 255 - mean) / scale).numpy()
    return logits


def first_difference(network: Graph, graph: Graph, image: Images) -> tuple[str, float]:
    """Find the first node whose codes differ in the file, and the distance to their thresholds.

    Only codes from a `quantize` of the file are compared: codes of fused thresholds are exact for
    given inputs. A `quantize` that a pass moved before a pool is skipped.

    Args:
        network: the captured graph; its `threshold` nodes have the names of the file's `quantize`.
        graph: of the file.
        image: (1, H, W, C).

    Returns:
        "" and 0.0 if no code differs.
    """
    exact, rounded = evaluate(network, image), reference.evaluate(graph, image)
    stored = {node.name for node in graph.nodes if node.op == "quantize"}
    for node in network.nodes:
        if node.op != THRESHOLD or node.name not in stored:
            continue
        levels = exact[node.name][0].permute(1, 2, 0).numpy()
        offset = reals(node, "offset") if "offset" in node.constants else 0.0
        codes = np.rint((levels - offset) / reals(node, "step"))
        found = rounded[node.name][0]
        if codes.shape == found.shape and (codes != found).any():
            where = codes != found
            read = exact[node.inputs[0]][0].permute(1, 2, 0).numpy()[where]
            thresholds = np.broadcast_to(reals(node, "thresholds"), (codes.shape[2], 3))
            rows = thresholds[np.nonzero(where)[2]]
            return node.name, _crossed(read, codes[where], found[where], rows)
    return "", 0.0


def _crossed(
    read: npt.NDArray[np.float64],
    codes: npt.NDArray[np.float64],
    found: npt.NDArray[Any],
    thresholds: npt.NDArray[np.float64],
) -> float:
    """Return the largest distance of inputs [M] to thresholds [M, 3] between two codes [M]."""
    low, high = np.minimum(codes, found)[:, None], np.maximum(codes, found)[:, None]
    numbers = np.arange(thresholds.shape[1])
    between = (low <= numbers) & (numbers < high)
    return float(np.abs(read[:, None] - thresholds)[between].max())


def _explain(
    codes: tuple[str, float],
    number: int,
    expected: npt.NDArray[np.float64],
    found: int,
    label: int,
) -> Tie:
    node, distance = codes
    best = np.sort(expected)
    margin = float(best[-1] - best[-2])
    if not node:
        distance = margin / max(1e-3, abs(float(best[-1])))
    return Tie(number, int(expected.argmax()), found, label, margin, node, distance)


def _largest(worst: npt.NDArray[np.float64]) -> dict[str, float]:
    """Return median and maximum of the largest logit difference of each image."""
    return {"median": float(np.median(worst)), "maximum": float(worst.max())}


if __name__ == "__main__":
    sys.exit(main())
