"""Exports a PyTorch network to an `.ebn` file.

`capture.py` traces the module into the dialect (`dialect.py`), `pipeline.py` lowers the traced
graph to the operators of FORMAT.md, and `edgebin.graph.format` writes it. Needs PyTorch; the
runtime never imports this package.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from torch import nn

from edgebin.errors import ExportError, ExportWarning, Refusal
from edgebin.exporter.arguments import (
    EndWeights,
    check_arguments,
    full_preprocessing,
    target_path,
)
from edgebin.exporter.capture import capture_named
from edgebin.exporter.check import check_capture
from edgebin.exporter.classes import class_labels, is_one_logit, numbered_task
from edgebin.exporter.examples import Example, InputKind, examples_of
from edgebin.exporter.exported import Exported
from edgebin.exporter.passes.name_outputs import name_outputs
from edgebin.exporter.pipeline import lower
from edgebin.graph.fingerprint import make
from edgebin.graph.format import write
from edgebin.graph.ir import Network
from edgebin.graph.preprocessing import Preprocessing
from edgebin.graph.summary import cautions
from edgebin.graph.task import Task, TaskKind, as_task
from edgebin.nn.script import without_script

__all__ = ["EndWeights", "check_export", "export", "to_network"]


def to_network(
    model: nn.Module,
    example: Example,
    *,
    labels: Sequence[str] = (),
    preprocessing: Preprocessing | None = None,
    name: str = "",
    first: EndWeights = "int8",
    last: EndWeights = "int8",
    inputs: InputKind | Sequence[InputKind] | None = None,
    task: Task | TaskKind | Mapping[str, object] | None = None,
) -> Network:
    """Turn a module into what an `.ebn` file holds; see `export`."""
    check_arguments(model, labels, name, first=first, last=last)
    examples = examples_of(example, inputs)
    preprocessing = full_preprocessing(preprocessing, examples)
    asked = as_task(task)
    if len(examples.tensors) == 1:
        model = without_script(model, examples.tensors[0])
    traced, names = capture_named(model, examples, preprocessing)
    check_capture(model, traced, preprocessing, examples)
    lowered = partial(lower, traced, int8_first=first == "int8", int8_last=last == "int8")
    graph = lowered()
    if is_one_logit(graph, labels):
        graph = lowered(two_classes=True)
    graph = name_outputs(graph, names)
    asked = numbered_task(asked, graph)
    return Exported(
        name or type(model).__name__,
        graph,
        preprocessing,
        class_labels(graph, tuple(labels), asked),
        task=asked,
    )


def check_export(
    model: nn.Module,
    example: Example,
    *,
    labels: Sequence[str] = (),
    preprocessing: Preprocessing | None = None,
    inputs: InputKind | Sequence[InputKind] | None = None,
) -> tuple[Refusal, ...]:
    """Return everything in a network that `export` would refuse, without writing anything.

    Example:
        for refusal in edgebin.check_export(network, torch.zeros(1, 3, 224, 224)):
            print(refusal)

    `edgebin.convert` and `edgebin.train.fit` call it before they begin. A network that Python
    cannot trace to the end has the one refusal that stopped it.

    Args:
        model: as `export` takes it; not changed.
        example: as `export` takes it; only shapes matter.
        labels: as `export` takes them.
        preprocessing: as `export` takes it.
        inputs: as `export` takes it.

    Returns:
        What is refused, in the order of execution, with the module, the file and the line of its
        forward, the operator, and what works instead; empty if the network can be exported.

    Raises:
        ExportError: an argument other than the network is wrong.
    """
    check_arguments(model, labels, "")
    full_preprocessing(preprocessing, examples_of(example, inputs))
    try:
        to_network(model, example, labels=labels, preprocessing=preprocessing, inputs=inputs)
    except ExportError as error:
        return error.refusals or (Refusal("", str(error)),)
    return ()


def export(
    model: nn.Module,
    example: Example,
    path: str | Path,
    *,
    labels: Sequence[str] = (),
    preprocessing: Preprocessing | None = None,
    name: str = "",
    first: EndWeights = "int8",
    last: EndWeights = "int8",
    self_test: bool = True,
    inputs: InputKind | Sequence[InputKind] | None = None,
    task: Task | TaskKind | Mapping[str, object] | None = None,
) -> Network:
    """Write a PyTorch network as an `.ebn` file, whole or not at all.

    The network is traced in evaluation mode, compared with PyTorch in float64 on a random image,
    and lowered. Hidden binary layers and HWGQ become integers exactly. Wrappers (torch.compile,
    DataParallel, DistributedDataParallel, AveragedModel) are taken off; weight norm, spectral norm
    and pruning are computed once; other precisions become float32. A TorchScript program is read
    for the shape of the example.

    Args:
        model: maps normalised images (N, C, H, W), or other tensors, to logits, or to a tuple or a
            dictionary of tensors, whose keys name the outputs in the file; layers of `edgebin.nn`
            and the usual ones of torch.nn. A softmax or log_softmax at its end is taken off, or
            kept as such; one logit with a sigmoid becomes the logits of two classes, (0, logit).
            Its own normalisation of the image is folded into the first layer.
        example: float, (N, C, H, W); only its shape matters. Where forward takes several tensors, a
            tuple of one for each; they are named as its parameters.
        path: of the file to write.
        labels: class names, in the order of the logits: none, or one for each. One logit has two
            classes: give both names, that of logit 0 and below first, or the name of the second.
        preprocessing: how images were made into inputs in training; by default pixel / 255. Images
            of one channel are grey.
        name: of the network; by default the name of the file without its suffix.
        first: "int8" rounds the float32 weights of the first layers, those that the image reaches
            without passing another layer, to int8 with one scale per output channel, so that they
            can read raw pixels; "float32" keeps them. Int8 and binary layers stay as they are.
        last: the same for the last layers, those whose result reaches an output so.
        self_test: store hashes of what the numpy reference computes for two probe images, one for
            each layer, so that `edgebin.verify` can check a machine. Takes seconds for images of
            224x224 pixels.
        inputs: what the file takes, for a tuple one of these for each: "image", which can only be
            the first, 8-bit pixels that the preprocessing maps to the network's input; "float32",
            the tensor itself, of shape (N, C, H, W), (N, C, L) or (N, C); "int8" or "uint8", the
            integers in it. By default one tensor is an image, and several are what their dtypes
            say, so float ones "float32". Without an image there is no preprocessing.
        task: what the outputs are for: "classify", "detect", "segment", "embed" or "raw", or an
            `edgebin.Task`, which also has the temperature of the scores, the threshold below which
            an image is of none of the classes, and for "detect", which needs one, how outputs
            become boxes. By default "classify" where the first output
            has one position, else "raw".

    Returns:
        What the file holds; printed, it tells what an image must be and what stayed float.

    Raises:
        ExportError: the network uses something that the runtime does not support, and the message
            names each such thing with its module and line; or an argument has another type or
            value.

    Warns:
        ExportWarning: no layer is binary, or no image can be given to the file.
    """
    target = target_path(path)
    network = to_network(
        model,
        example,
        labels=labels,
        preprocessing=preprocessing,
        name=name or target.stem,
        first=first,
        last=last,
        inputs=inputs,
        task=task,
    )
    if self_test:
        network = replace(network, self_test=make(network.graph))
    write(network, target)
    for caution in cautions(network):
        warnings.warn(f"{target}: {caution}", ExportWarning, stacklevel=2)
    return network
