"""Checks that a captured graph computes what the module computes.

Both run in float64 on the same random image; PyTorch in float32, where a module casts to it. A
difference means that the trace was misread, and no file is written. What the passes do to the graph
afterwards is covered by their tests.

Sums of binary weights often lie exactly on a threshold, where rounding in the last bit decides, and
the two may round differently. So in both the input of every quantiser is moved by a small amount,
away from such ties.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from edgebin.errors import ExportError, first_line
from edgebin.exporter.dialect import THRESHOLD, rewrite, with_inputs
from edgebin.exporter.evaluate import evaluate
from edgebin.exporter.examples import Examples
from edgebin.graph.ir import INPUT_DTYPES, Array, Graph, GraphInput, Node
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn.hwgq import HWGQ
from edgebin.nn.threshold_activation import ThresholdActivation
from edgebin.nn.unwrapped import unwrapped

_TOLERANCE = 1e-6
"""Of the largest output. Float64 rounding is 1e-10 of it; a misread layer is far above."""

_TOLERANCE_FLOAT32 = 1e-3
"""The same where PyTorch computed in float32, in networks of many layers."""

_NUDGE = 1.2345e-7
"""Subtracted from what quantisers read, in units of its input's deviation."""


def check_capture(
    model: nn.Module,
    graph: Graph,
    preprocessing: Preprocessing,
    examples: Examples | None = None,
) -> None:
    """Raise ExportError if the graph and the module differ on random inputs.

    Args:
        model: that was captured.
        graph: of the dialect.
        preprocessing: that it was captured with.
        examples: that it was captured on; None for images.
    """
    if examples is None:
        height, width, channels = graph.input_shape
        examples = Examples((torch.empty(1, channels, height, width),), ("image",))
    arrays = {given.name: _random(given) for given in graph.inputs}
    inputs = tuple(
        examples.as_tensor(index, array, preprocessing)
        for index, array in enumerate(arrays.values())
    )
    expected, tolerance = _torch_outputs(model, inputs)
    values = evaluate(_nudged(graph), arrays)
    for name, wanted in zip(graph.outputs, expected, strict=True):
        found = values[name].reshape(wanted.shape)
        error = float((found - wanted).abs().max())
        if not error <= tolerance * max(1.0, float(wanted.abs().max())):
            raise ExportError(
                f'output "{name}": expected what PyTorch computes, found a difference of '
                f"{error:.3g}; the network changes with its input or its mode in a way that "
                "torch.export does not record"
            )


def _nudged(graph: Graph) -> Graph:
    def rule(node: Node) -> tuple[Node, ...]:
        if node.op != THRESHOLD:
            return (node,)
        channels = len(node.constants["thresholds"])
        constants = {"scale": np.ones(channels), "bias": np.full(channels, -_NUDGE)}
        moved = Node("affine", f"{node.name}#nudge", node.inputs, constants)
        return (moved, with_inputs(node, moved.name))

    return rewrite(graph, rule)


def _random(given: GraphInput) -> Array:
    """Return random elements of an input, (1, H, W, C)."""
    rng, shape = np.random.default_rng(0), (1, *given.shape)
    if given.dtype == "f32":
        return rng.standard_normal(shape).astype(np.float32)
    return rng.integers(0, 256, shape, np.uint8).view(INPUT_DTYPES[given.dtype])


def _torch_outputs(
    model: nn.Module, inputs: tuple[Tensor, ...]
) -> tuple[tuple[Tensor, ...], float]:
    """Return the module's outputs in float64, and the tolerance that they are good for."""
    copy = unwrapped(model).cpu()
    for module in copy.modules():
        if isinstance(module, (HWGQ, ThresholdActivation)):
            module.register_forward_pre_hook(lambda _, inputs: (inputs[0] - _NUDGE, *inputs[1:]))
    tolerance = _TOLERANCE
    with torch.no_grad():
        try:
            result = copy.double()(*(x.clone() for x in inputs))
        except RuntimeError:  # two types meet where the forward casts to float32
            result, tolerance = _in_float32(copy, inputs), _TOLERANCE_FLOAT32
    result = tuple(result.values()) if isinstance(result, Mapping) else result
    outputs = tuple(result) if isinstance(result, (tuple, list)) else (result,)
    for output in outputs:
        if not isinstance(output, Tensor):
            raise ExportError(
                f"{type(model).__name__}: expected a tensor, or a tuple or dictionary of "
                f"tensors, as its output, found {type(output).__name__}"
            )
    return tuple(output.double() for output in outputs), tolerance


def _in_float32(copy: nn.Module, inputs: tuple[Tensor, ...]) -> object:
    try:
        result: object = copy.float()(*(x.float() for x in inputs))
        return result
    except RuntimeError as error:
        raise ExportError(
            f"{type(copy).__name__}: expected a module that runs in float32 or float64, found: "
            f"{first_line(error)}"
        ) from error
