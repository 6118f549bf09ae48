"""What a user should know about a network: kinds of layers, its images, what stayed float.

Computed from the graph; nothing is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edgebin.graph.ir import INPUT_DTYPES, Array, Graph, Network
from edgebin.graph.ops import OPS, infer_types
from edgebin.graph.preprocessing import CHANNELS

_KINDS = {"bool": "binary", "int8": "int8", "float32": "float32"}
_IMAGE_CHANNELS = tuple(CHANNELS.values())
_NAMED = 4
"""Float layers whose names are shown."""


@dataclass(frozen=True, slots=True)
class Weighted:
    """A layer with weights.

    Attributes:
        name: of the layer.
        kind: of its weights: "binary", "int8" or "float32".
        bytes: of its constants in the file.
        macs: multiply-accumulates for one image.
    """

    name: str
    kind: str
    bytes: int
    macs: int


def weighted_layers(graph: Graph) -> tuple[Weighted, ...]:
    """Return the convolutions and linear layers of a graph of FORMAT.md, in order."""
    types = infer_types(graph)
    return tuple(
        Weighted(
            node.name,
            _KINDS[node.constants["weights"].dtype.name],
            _bytes(node.constants),
            OPS[node.op].macs(node, tuple(types[name] for name in node.inputs)),
        )
        for node in graph.nodes
        if OPS[node.op].facts.is_product
    )


def summary(network: Network) -> list[str]:
    """Return a few lines of at most 100 columns about a network."""
    graph, layers = network.graph, weighted_layers(network.graph)
    binary = sum(layer.kind == "binary" for layer in layers)
    lines = [
        f"{network.name}: {binary} of {len(layers)} layers with weights are binary",
        f"takes {_taken(network)}",
    ]
    floats = [layer for layer in layers if layer.kind == "float32"]
    if floats:
        total = sum(_bytes(node.constants) for node in graph.nodes)
        names = ", ".join(layer.name for layer in floats[:_NAMED])
        more = f" and {len(floats) - _NAMED} more" if len(floats) > _NAMED else ""
        lines.append(
            f"float32 weights: {_counted(len(floats), 'layer')} with "
            f"{_share(sum(layer.bytes for layer in floats), total)} of the bytes and "
            f"{_share(sum(f.macs for f in floats), sum(x.macs for x in layers))} of the "
            f"multiply-accumulates: {names}{more}"
        )
    return lines


def cautions(network: Network) -> list[str]:
    """Return what is allowed, but probably not meant."""
    graph, found = network.graph, []
    channels = graph.input_shape[2]
    if all(layer.kind != "binary" for layer in weighted_layers(graph)):
        found.append(
            "no layer is binary; edgebin.convert makes a network with binary layers of a float one"
        )
    if channels not in _IMAGE_CHANNELS and network.preprocessing.mean:
        found.append(f"no image has {channels} channels: it takes arrays alone, by Model.run")
    if infer_types(graph)[graph.outputs[0]].shape == (1, 1, 1) and not network.labels:
        found.append(
            "one output and no labels: read its value by Model.run, or give labels of two classes"
        )
    return found


def _taken(network: Network) -> str:
    """Return what the network takes, in words."""
    inputs, rule = network.graph.inputs, network.preprocessing
    if len(inputs) > 1 or not rule.mean:
        arrays = (f"{x.name} {INPUT_DTYPES[x.dtype]} {'x'.join(map(str, x.shape))}" for x in inputs)
        return f"arrays: {', '.join(arrays)}"
    height, width, channels = inputs[0].shape
    kind = f"{rule.colour} images" if channels in _IMAGE_CHANNELS else "arrays"
    return f"{kind} of {width}x{height} pixels, {_counted(channels, 'channel')}"


def _bytes(constants: Mapping[str, Array]) -> int:
    return sum(_size(array) for array in constants.values())


def _size(array: Array) -> int:
    """Return the bytes of a constant in the file; rows of bits are padded to whole bytes."""
    if array.dtype == np.bool_:
        return int(len(array) * -(-array[0].size // 8))
    return array.nbytes


def _share(part: int, whole: int) -> str:
    return f"{part / max(whole, 1):.0%}".replace("%", " %")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
