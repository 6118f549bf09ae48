"""Exports a PyTorch network to an `.ebn` file.

`capture.py` traces the module into the dialect (`dialect.py`), `pipeline.py` lowers the traced
graph to the operators of FORMAT.md, and `edgebin.graph.format` writes it. Needs PyTorch; the
runtime never imports this package.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from torch import Tensor, nn

from edgebin.errors import ExportError
from edgebin.exporter.capture import capture
from edgebin.exporter.check import check_capture
from edgebin.exporter.pipeline import lower
from edgebin.graph.fingerprint import make
from edgebin.graph.format import write
from edgebin.graph.ir import Network
from edgebin.graph.ops import infer_types
from edgebin.graph.preprocessing import Preprocessing

__all__ = ["EndWeights", "export", "to_network"]

EndWeights = Literal["int8", "float32"]


def to_network(
    model: nn.Module,
    example: Tensor,
    *,
    labels: Sequence[str] = (),
    preprocessing: Preprocessing | None = None,
    name: str = "",
    first: EndWeights = "int8",
    last: EndWeights = "int8",
) -> Network:
    """Turn a module into what an `.ebn` file holds; see `export`."""
    _check_kinds(model, example, labels, name)
    if example.dim() != 4 or not example.is_floating_point() or not example.numel():
        raise ExportError(
            "example: expected float images of shape (N, C, H, W), "
            f"found {str(example.dtype).removeprefix('torch.')} {tuple(example.shape)}"
        )
    channels = int(example.shape[1])
    if preprocessing is None:
        colour: Literal["rgb", "grey"] = "grey" if channels == 1 else "rgb"
        preprocessing = Preprocessing((0.0,) * channels, (1.0,) * channels, colour=colour)
    _check_preprocessing(preprocessing, example)
    for option, value in (("first", first), ("last", last)):
        if value not in ("int8", "float32"):
            raise ExportError(f"{option}: expected int8 or float32, found {value!r}")
    preprocessing = replace(preprocessing, input_size=0)  # a file has it in the graph
    graph = capture(model, example, preprocessing)
    check_capture(model, graph, preprocessing)
    graph = lower(graph, int8_first=first == "int8", int8_last=last == "int8")
    classes = infer_types(graph)[graph.outputs[0]].shape[2]
    if labels and len(labels) != classes:
        raise ExportError(
            f"labels: expected {classes}, one per channel of the first output, found {len(labels)}"
        )
    return Network(name or type(model).__name__, graph, preprocessing, tuple(labels))


def export(
    model: nn.Module,
    example: Tensor,
    path: str | Path,
    *,
    labels: Sequence[str] = (),
    preprocessing: Preprocessing | None = None,
    name: str = "",
    first: EndWeights = "int8",
    last: EndWeights = "int8",
    self_test: bool = True,
) -> Network:
    """Write a PyTorch network as an `.ebn` file, whole or not at all.

    The network is traced in evaluation mode, compared with PyTorch in float64 on a random image,
    and lowered. Hidden binary layers and HWGQ become integers exactly.

    Args:
        model: maps normalised images (N, C, H, W) to logits; layers of `edgebin.nn` and the usual
            ones of torch.nn.
        example: float, (N, C, H, W); only its shape matters.
        path: of the file to write.
        labels: class names, in the order of the logits: none, or one for each.
        preprocessing: how images were made into inputs in training; by default pixel / 255.
        name: of the network; by default the module's class.
        first: "int8" rounds the float32 weights of the first layers, those that the image reaches
            without passing another layer, to int8 with one scale per output channel, so that they
            can read raw pixels; "float32" keeps them. Int8 and binary layers stay as they are.
        last: the same for the last layers, those whose result reaches an output so.
        self_test: store hashes of what the numpy reference computes for two probe images, one for
            each layer, so that `edgebin.verify` can check a machine. Takes seconds for images of
            224x224 pixels.

    Returns:
        What the file holds.

    Raises:
        ExportError: the network uses something that the runtime does not support, and the message
            names the module; or an argument has another type or value.
    """
    try:
        target = Path(os.fsdecode(os.fsencode(path)))
    except (TypeError, ValueError):  # no path, or characters that no file's name has
        target = None
    if target is None or "\0" in str(target):
        raise ExportError(f"path: expected that of a file to write, found {path!r}")
    network = to_network(
        model,
        example,
        labels=labels,
        preprocessing=preprocessing,
        name=name,
        first=first,
        last=last,
    )
    if self_test:
        network = replace(network, self_test=make(network.graph))
    write(network, target)
    return network


def _check_kind(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise ExportError(f"{name}: expected a {kind.__name__}, found {type(value).__name__}")


def _check_kinds(model: object, example: object, labels: object, name: object) -> None:
    """Raise ExportError for arguments that a type checker would have rejected."""
    _check_kind("name", name, str)
    _check_kind("model", model, nn.Module)
    _check_kind("example", example, Tensor)
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise ExportError(f"labels: expected a list of strings, found {type(labels).__name__}")
    for label in labels:
        if not isinstance(label, str):
            raise ExportError(f"labels: expected strings, found {label!r}")


def _check_preprocessing(preprocessing: Preprocessing, example: Tensor) -> None:
    _check_kind("preprocessing", preprocessing, Preprocessing)
    channels, height, width = example.shape[1:]
    if len(preprocessing.mean) != channels:
        raise ExportError(
            f"preprocessing mean: expected {channels} values, one per channel of the example, "
            f"found {len(preprocessing.mean)}"
        )
    side = preprocessing.input_size
    if side and (height, width) != (side, side):
        raise ExportError(
            f"example: expected {side}x{side} pixels, the input_size of the preprocessing, "
            f"found {height}x{width}"
        )
