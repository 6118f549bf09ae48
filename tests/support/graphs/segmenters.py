"""A network of segmentation whose classes can be told by hand."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Graph, Network, Node
from edgebin.graph.preprocessing import Preprocessing
from edgebin.graph.task import Task, TaskKind


def colours(
    side: int = 8,
    *,
    fit: str = "crop",
    resize: int = 0,
    stride: int = 1,
    kind: TaskKind = "segment",
) -> Network:
    """Its channels are red, green and blue: the class of a pixel is its largest channel."""
    one = np.ones(3, np.float32)
    select = np.eye(3, dtype=np.float32).reshape(3, 1, 1, 3)
    strides = {"stride_h": stride, "stride_w": stride}
    nodes = (
        Node("affine", "real", ("image",), {"scale": one, "bias": 0 * one}),
        Node("conv", "scores", ("real",), {"weights": select}, strides),
    )
    graph = Graph.of_image("image", (side, side, 3), nodes, ("scores",))
    rule = Preprocessing((0.0,) * 3, (1.0,) * 3, resize, "nearest", fit=fit)  # type: ignore[arg-type]
    return Network("colours", graph, rule, ("red", "green", "blue"), task=Task(kind))
