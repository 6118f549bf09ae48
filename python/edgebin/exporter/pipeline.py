"""The order of the passes, with the reason for each one's place."""

from __future__ import annotations

from edgebin.errors import ExportError
from edgebin.exporter.passes.drop_unread import drop_unread
from edgebin.exporter.passes.even_normalize import even_normalize
from edgebin.exporter.passes.fold_batch_norm import fold_batch_norm
from edgebin.exporter.passes.fold_flatten import fold_flatten
from edgebin.exporter.passes.fold_image_affine import fold_image_affine
from edgebin.exporter.passes.fold_normalize import fold_normalize
from edgebin.exporter.passes.fold_pad import fold_pad
from edgebin.exporter.passes.fuse_thresholds import fuse_thresholds
from edgebin.exporter.passes.lower_heads import lower_heads
from edgebin.exporter.passes.quantize import quantize
from edgebin.exporter.passes.quantize_ends import quantize_ends
from edgebin.exporter.passes.raise_batch_norm import raise_batch_norm
from edgebin.exporter.passes.raise_quantize import raise_quantize
from edgebin.exporter.passes.sink_dequantize import sink_dequantize
from edgebin.exporter.passes.split_offsets import split_offsets
from edgebin.exporter.passes.store import store
from edgebin.graph.ir import Graph
from edgebin.graph.ops import OPS, infer_types


def lower(
    graph: Graph, *, int8_first: bool = True, int8_last: bool = True, two_classes: bool = False
) -> Graph:
    """Lower a captured graph to the operators and types of FORMAT.md.

    Args:
        graph: in the dialect.
        int8_first: round the float32 weights of the layers that the image reaches first.
        int8_last: round the float32 weights of the layers that make the outputs.
        two_classes: the first output is one logit of two classes.

    Raises:
        ExportError: something is left that the runtime lacks.
    """
    # Shapes of constants first: from here on a channel is where the runtime has it.
    graph = fold_flatten(graph)
    # Before normalize is folded into the layer that reads it, which a pad would be between.
    graph = fold_pad(graph)
    # Before batch norms become affine maps: those of the image belong to its preprocessing.
    graph = fold_image_affine(graph)
    # Before batch norms fold: it brings those of transposed convolutions to the convolution.
    graph = raise_batch_norm(graph)
    # Before the ends are rounded, for it changes scales, not weights.
    graph = fold_batch_norm(graph)
    if int8_first:
        # Before rounding: the image's scales must be inside the weights when they are rounded.
        graph = even_normalize(graph)
    graph = quantize_ends(graph, first=int8_first, last=int8_last)
    # After rounding: what it adds is no layer of the network, which would be the last.
    graph = lower_heads(graph, two_classes=two_classes)
    # After rounding: only layers without float32 weights read pixels.
    graph = fold_normalize(graph)
    # Reals become codes. Batch norms that are now unread would count as readers in later passes.
    graph = drop_unread(quantize(graph))
    # Before dequantize sinks, while every quantize still reads a real.
    graph = raise_quantize(graph)
    graph = sink_dequantize(graph)
    # The same for dequantizes that are now unread.
    graph = drop_unread(graph)
    # Needs the scales that sink_dequantize has multiplied by the step.
    graph = fuse_thresholds(graph)
    # After all others but one, so that they work in float64.
    graph = store(drop_unread(graph))
    # Needs the types that only the operators of FORMAT.md have.
    graph = split_offsets(graph)
    _ensure_runtime(graph)
    return graph


def _ensure_runtime(graph: Graph) -> None:
    """Check the postcondition: known operators, types that fit, float32 outputs."""
    for node in graph.nodes:
        if node.op not in OPS:
            raise AssertionError(f'the pipeline left {node.op} "{node.name}"')
    types = infer_types(graph)
    for name in graph.outputs:
        if types[name].dtype != "f32":
            raise ExportError(
                f'output "{name}": expected f32, found {types[name].dtype}; '
                "what works: a layer after it"
            )
