"""Take the functions that turn logits into scores off the ends of a network.

Before:  z -> log_softmax -> output                  After:  z -> output
Before:  z (one logit) -> class_sigmoid -> output    After:  (0, z) -> output

The runtime scores classes by the softmax of the first output. That of a log_softmax is the softmax
of its input, and that of (0, z) is (1 - sigmoid(z), sigmoid(z)): z is the logit of class 1. The
pair is a `linear` layer with the weights 0 and 1, behind the network's own last layer.

Ensures: no `log_softmax`, no `class_sigmoid`; no output twice.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgebin.errors import ExportError
from edgebin.exporter.dialect import LOG_SOFTMAX, SIGMOID, producers
from edgebin.graph.ir import Graph, Node

PAIR = "#classes"
"""Ends the name of an output that is a pair of logits made of one."""


def lower_heads(graph: Graph, *, two_classes: bool) -> Graph:
    """Apply the pass.

    Args:
        graph: in the dialect.
        two_classes: the first output is one logit of two classes, with a sigmoid or without.
    """
    makers = producers(graph)
    bare = {n.name: n.inputs[0] for n in graph.nodes if n.op in (LOG_SOFTMAX, SIGMOID)}
    outputs, added = [], list[Node]()
    for index, output in enumerate(graph.outputs):
        value = bare.get(output, output)
        is_sigmoid = output in bare and makers[output].op == SIGMOID
        if is_sigmoid or (two_classes and index == 0):
            weights = np.array([[0.0], [1.0]], np.float32)
            pair = Node(
                "linear",
                f"{output}{PAIR}",
                (value,),
                {"weights": weights, "scale": np.ones(2), "bias": np.zeros(2)},
            )
            added.append(pair)
            value = pair.name
        if value in outputs:
            raise ExportError(
                f'the network\'s outputs: expected each once, found "{value}" with and without its '
                "softmax or sigmoid"
            )
        outputs.append(value)
    kept = tuple(node for node in graph.nodes if node.name not in bare)
    return replace(graph, nodes=(*kept, *added), outputs=tuple(outputs))
