"""Small networks whose answers can be told by hand, written as `.ebn` files for tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from edgebin.graph.format import write
from edgebin.graph.ir import Graph, GraphInput, Network, Node
from edgebin.graph.preprocessing import Preprocessing

GAIN = 10.0
LABELS = ("red", "green", "blue")


def colour_network(
    *,
    colour: Literal["rgb", "bgr", "grey"] = "rgb",
    labels: tuple[str, ...] | None = None,
    softmax: bool = False,
    side: int = 4,
    resize: int = 0,
) -> Network:
    """Logit c is GAIN times the mean of channel c, in units of 0..1; LABELS name the channels."""
    channels = 1 if colour == "grey" else 3
    ones = np.ones(channels, np.float32)
    nodes = [
        Node("affine", "scaled", ("image",), {"scale": ones / 255, "bias": 0 * ones}),
        Node("adaptive_avg_pool", "mean", ("scaled",), {}, {"out_h": 1, "out_w": 1}),
        Node("linear", "logits", ("mean",), {"weights": np.float32(GAIN) * np.diag(ones)}),
    ]
    if softmax:
        nodes.append(Node("softmax", "probabilities", ("logits",)))
    return Network(
        "colours",
        Graph.of_image("image", (side, side, channels), tuple(nodes), (nodes[-1].name,)),
        Preprocessing((0.0,) * channels, (1.0,) * channels, resize, "bilinear", colour),
        LABELS[:channels] if labels is None else labels,
    )


def two_outputs(network: Network) -> Network:
    """The same network, with the scaled image as a second output."""
    graph = network.graph
    return replace(network, graph=replace(graph, outputs=(*graph.outputs, "scaled")))


def sum_of_tensors() -> Network:
    """The sum of two tensors (2, 3, 1): reals "a" and signed bytes "b"."""
    one = np.ones(1, np.float32)
    shape = (2, 3, 1)
    nodes = (
        Node("affine", "whole", ("b",), {"scale": one, "bias": -128 * one}),
        Node("add", "sum", ("a", "whole")),
    )
    inputs = (GraphInput("a", shape, "f32"), GraphInput("b", shape, "s8"))
    return Network("sum", Graph(inputs, nodes, ("sum",)), Preprocessing((), ()))


def binary_network() -> Network:
    """One layer of each kind: int8, quantize, binary with thresholds, binary linear."""
    random = np.random.default_rng(0)
    thresholds = np.sort(random.integers(-20, 20, (8, 3)), axis=1)
    pad = {"pad_top": 1, "pad_left": 1, "pad_bottom": 1, "pad_right": 1}
    nodes = (
        Node(
            "conv",
            "first",
            ("image",),
            {
                "weights": random.integers(-128, 128, (4, 3, 3, 3)).astype(np.int8),
                "scale": np.full(4, 1e-4, np.float32),
                "bias": np.zeros(4, np.float32),
                "zero": np.full(3, 127 << 16, np.int32),
            },
            pad,
        ),
        Node("quantize", "codes", ("first",), {"thresholds": _steps(4)}),
        Node(
            "conv",
            "hidden",
            ("codes",),
            {
                "weights": random.integers(0, 2, (8, 3, 3, 4)).astype(np.bool_),
                "thresholds": thresholds.astype(np.int16),
            },
            pad,
        ),
        Node("max_pool", "pool", ("hidden",), {}, _window(2)),
        Node("flatten", "flat", ("pool",)),
        Node(
            "linear",
            "last",
            ("flat",),
            {
                "weights": random.integers(0, 2, (10, 128)).astype(np.bool_),
                "scale": np.full(10, 0.05, np.float32),
                "bias": np.linspace(0, 1, 10, dtype=np.float32),
            },
        ),
    )
    return Network(
        "binary",
        Graph.of_image("image", (8, 8, 3), nodes, ("last",)),
        Preprocessing((0.5,) * 3, (0.25,) * 3),
        tuple(f"class {i}" for i in range(10)),
    )


def written(network: Network, folder: Path) -> Path:
    """Write the network into the folder and return the file."""
    path = folder / f"{network.name}.ebn"
    write(network, path)
    return path


def _steps(channels: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.tile(np.array([0.0, 0.8, 1.3], np.float32), (channels, 1))


def _window(side: int) -> dict[str, int]:
    return {"kernel_h": side, "kernel_w": side, "stride_h": side, "stride_w": side}
