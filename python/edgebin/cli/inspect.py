"""`edgebin inspect`: shows what a model holds, layer by layer, and what that costs.

It reads the file and runs nothing. `edgebin.runtime.layers.float32_bytes` and the command's help
define what "float32" means in its totals.
"""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console

from edgebin.cli.terminal.console import (
    console,
    counted,
    plain,
    print_facts,
    print_json,
    print_line,
    print_table,
    rounded,
    size,
)
from edgebin.cli.terminal.table import Column
from edgebin.cli.usage.arguments import JsonOption, ModelArgument
from edgebin.graph.task import Task
from edgebin.runtime.layers import Layer
from edgebin.runtime.model import Model, load
from edgebin.runtime.tensors import TensorInfo

_COLUMNS = (
    Column("op"),
    Column("name", shrinks=True),
    Column("output"),
    Column("MACs", right=True),
    Column("bits", right=True),
    Column("weights", right=True),
    Column("bytes", right=True),
)


def inspect(model: ModelArgument, as_json: JsonOption = False) -> None:
    """Show the layers of a model and what they cost.

    Also shows preprocessing and labels. MACs are multiply-accumulates for one image, bits those of
    a weight, bytes what a layer takes in the file.

    The float32 size is that of a plain state dict with the same layers: 4 bytes for each weight
    and each bias, and 8 for each channel with thresholds or an affine of its own (the mean and the
    variance of the batch norm folded into it).
    """
    network = load(model)
    if as_json:
        print_json(document(network))
    else:
        _show(console(), network)


def document(model: Model) -> dict[str, object]:
    """Return everything that the command shows, as JSON holds it."""
    return {
        "name": model.name,
        "producer": model.producer,
        "inputs": [asdict(tensor) for tensor in model.inputs],
        "outputs": [asdict(tensor) for tensor in model.outputs],
        "preprocessing": asdict(model.preprocessing),
        "task": _task_entry(model.task),
        "labels": list(model.labels),
        "self_test": model.self_tests,
        "layers": [asdict(layer) for layer in model.layers],
        "totals": totals(model),
    }


def _task_entry(task: Task) -> dict[str, object]:
    entry = asdict(task)
    if task.detect is None:
        del entry["detect"]
    return entry


def totals(model: Model) -> dict[str, object]:
    """Return the sums over all layers and the size of the file."""
    float32 = sum(layer.float32_bytes for layer in model.layers)
    return {
        "macs": sum(layer.macs for layer in model.layers),
        "weights": sum(layer.weights for layer in model.layers),
        "constant_bytes": sum(layer.bytes for layer in model.layers),
        "file_bytes": model.file_bytes,
        "float32_bytes": float32,
        "compression": float32 / model.file_bytes,
    }


def _show(screen: Console, model: Model) -> None:
    print_line(screen, f"{plain(model.name)}, written by {plain(model.producer)}", style="bold")
    print_table(screen, _COLUMNS, map(_cells, model.layers))
    print_facts(screen, _facts(model))


def _cells(layer: Layer) -> tuple[str, ...]:
    return (
        layer.op,
        plain(layer.name),
        f"{layer.dtype} {'x'.join(map(str, layer.shape))}",
        rounded(layer.macs) if layer.macs else "",
        str(layer.weight_bits) if layer.weight_bits else "",
        f"{layer.weights:,}" if layer.weights else "",
        f"{layer.bytes:,}" if layer.bytes else "",
    )


def _facts(model: Model) -> list[tuple[str, str]]:
    sums = totals(model)
    float32 = sum(layer.float32_bytes for layer in model.layers)
    tests = model.self_tests
    return [
        ("total", f"{sums['macs']:,} MACs, {sums['weights']:,} weights"),
        ("file", f"{size(model.file_bytes)} ({model.file_bytes:,} bytes)"),
        (
            "float32",
            f"{size(float32)} ({float32:,} bytes), {sums['compression']:.1f} times the file",
        ),
        ("task", _task(model)),
        ("input", _tensors(model.inputs) + _image(model)),
        ("output", _tensors(model.outputs)),
        ("labels", plain(", ".join(model.labels)) or "none"),
        ("test", f"{counted(tests, 'image')}, for edgebin verify" if tests else "none"),
    ]


def _task(model: Model) -> str:
    task = model.task
    if task.detect is not None:
        rule = task.detect
        return (
            f"{task.kind}, threshold {task.threshold:.4g}, at most {rule.max_boxes} boxes, "
            f"overlap {rule.iou_threshold:.4g}"
        )
    if (task.temperature, task.threshold) == (1, 0):
        return task.kind
    return f"{task.kind}, temperature {task.temperature:.4g}, threshold {task.threshold:.4g}"


def _image(model: Model) -> str:
    """Return how an image becomes the first input; "" where that is no image."""
    rule = model.preprocessing
    if not rule.mean:
        return ""
    fit = f"short side {rule.resize}, centre crop" if rule.resize else "stretched"
    if rule.fit == "letterbox":
        fit = f"letterbox on {rule.fill}"
    return f", {rule.colour}, {fit}, {rule.filter}"


def _tensors(tensors: tuple[TensorInfo, ...]) -> str:
    return ", ".join(
        f"{plain(tensor.name)} {tensor.dtype} {'x'.join(map(str, tensor.shape))}"
        for tensor in tensors
    )
