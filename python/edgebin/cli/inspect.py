"""`edgebin inspect`: shows what a model holds, layer by layer, and what that costs.

It reads the file and runs nothing. What "float32" means in its totals is told by
`edgebin.runtime.layers.float32_bytes` and in the command's help.
"""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from edgebin.cli.arguments import JsonOption, ModelArgument
from edgebin.cli.terminal import console, plain, print_json, size, table
from edgebin.runtime.layers import Layer
from edgebin.runtime.model import Model, TensorInfo, load

_COLUMNS = ("op", "name", "output", "MACs", "bits", "weights", "bytes")
_NUMBERS = frozenset({"MACs", "bits", "weights", "bytes"})


def inspect(model: ModelArgument, as_json: JsonOption = False) -> None:
    """Show the layers of a model, their size and cost, preprocessing and labels.

    The float32 size is that of a plain state dict with the same layers: 4 bytes for each weight
    and each bias, and 8 for each channel with thresholds or an affine of its own (the mean and the
    variance of the batch norm folded into it). Compression is that over the size of the whole file.
    """
    network = load(model)
    if as_json:
        print_json(document(network))
    else:
        _show(console(), network)


def document(model: Model) -> dict[str, object]:
    """Return all that the command tells, as JSON holds it."""
    return {
        "name": model.name,
        "producer": model.producer,
        "inputs": [asdict(tensor) for tensor in model.inputs],
        "outputs": [asdict(tensor) for tensor in model.outputs],
        "preprocessing": asdict(model.preprocessing),
        "labels": list(model.labels),
        "self_test": model.self_tests,
        "layers": [asdict(layer) for layer in model.layers],
        "totals": totals(model),
    }


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
    rows = table(*_COLUMNS, right=_NUMBERS)
    for layer in model.layers:
        rows.add_row(*_cells(layer))
    screen.print(Text(f"{plain(model.name)}, written by {plain(model.producer)}", style="bold"))
    screen.print(rows)
    sums = totals(model)
    float32 = sum(layer.float32_bytes for layer in model.layers)
    screen.print(
        f"total    {sums['macs']:,} MACs, {sums['weights']:,} weights\n"
        f"file     {size(model.file_bytes)} ({model.file_bytes:,} bytes)\n"
        f"float32  {size(float32)} ({float32:,} bytes), "
        f"{float32 / model.file_bytes:.1f} times the file"
    )
    rule = model.preprocessing
    fit = f"short side {rule.resize}, centre crop" if rule.resize else "stretched"
    screen.print(
        f"input    {_tensors(model.inputs)}, {rule.colour}, {fit}, {rule.filter}\n"
        f"output   {_tensors(model.outputs)}\n"
        f"labels   {plain(', '.join(model.labels)) or 'none'}\n"
        f"test     {_self_test(model.self_tests)}",
        soft_wrap=True,
    )


def _cells(layer: Layer) -> tuple[str | Text, ...]:
    weights = f"{layer.weights:,}" if layer.weights else ""
    return (
        layer.op,
        Text(plain(layer.name)),
        f"{layer.dtype} {'x'.join(map(str, layer.shape))}",
        f"{layer.macs:,}" if layer.macs else "",
        str(layer.weight_bits) if layer.weight_bits else "",
        weights,
        f"{layer.bytes:,}" if layer.bytes else "",
    )


def _self_test(pictures: int) -> str:
    if pictures == 0:
        return "none"
    return f"{pictures} picture{'s' if pictures > 1 else ''}, for edgebin verify"


def _tensors(tensors: tuple[TensorInfo, ...]) -> str:
    return ", ".join(
        f"{plain(tensor.name)} {tensor.dtype} {'x'.join(map(str, tensor.shape))}"
        for tensor in tensors
    )
