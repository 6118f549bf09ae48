"""Detectors whose boxes can be told by hand, and a reference of FORMAT.md's decoding in numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edgebin.graph.detect import Detect, DetectLevel
from edgebin.graph.ir import Graph, GraphInput, Network, Node
from edgebin.graph.preprocessing import Preprocessing
from edgebin.graph.task import Task

Floats = npt.NDArray[np.float32]
NOWHERE = Preprocessing((), ())


def levels(*rows: tuple[int, int, int]) -> tuple[DetectLevel, ...]:
    """Levels by stride and numbers of the outputs of boxes and scores."""
    return tuple(DetectLevel(*row) for row in rows)


def passing_on(
    shapes: Sequence[tuple[int, int]], classes: int, threshold: float, rule: Detect
) -> Network:
    """A network whose inputs, two for each level, come out as they are; rule numbers them so."""
    inputs, nodes = [], []
    one, none = np.ones(1, np.float32), np.zeros(1, np.float32)
    for level, (height, width) in enumerate(shapes):
        for kind, channels in (("boxes", 4), ("scores", classes)):
            name = f"{kind}{level}"
            inputs.append(GraphInput(f"{name}_in", (height, width, channels), "f32"))
            constants = {"scale": one.repeat(channels), "bias": none.repeat(channels)}
            nodes.append(Node("affine", name, (inputs[-1].name,), constants))
    graph = Graph(tuple(inputs), tuple(nodes), tuple(node.name for node in nodes))
    return Network("passing on", graph, NOWHERE, task=Task("detect", 1, threshold, rule))


def image_detector(side: int = 8, fit: str = "letterbox", resize: int = 0) -> Network:
    """Finds red: each pixel has a box of 2 x 2 around its centre, and the score red / 255."""
    one = np.ones(3, np.float32)
    red = np.array([[1, 0, 0]], np.float32).reshape(1, 1, 1, 3) / 255
    nothing, size = np.zeros((4, 1, 1, 3), np.float32), np.full(4, 1, np.float32)
    nodes = (
        Node("affine", "real", ("image",), {"scale": one, "bias": 0 * one}),
        Node("conv", "scores", ("real",), {"weights": red}),
        Node("conv", "boxes", ("real",), {"weights": nothing, "bias": size}),
    )
    graph = Graph.of_image("image", (side, side, 3), nodes, ("boxes", "scores"))
    rule = Preprocessing((0.0,) * 3, (1.0,) * 3, resize, "nearest", fit=fit)  # type: ignore[arg-type]
    task = Task("detect", 1, 0.5, Detect(levels((1, 0, 1)), max_boxes=5, iou_threshold=0.2))
    return Network("red", graph, rule, ("red",), task=task)


def reference(
    outputs: Sequence[Floats], threshold: float, rule: Detect, size: tuple[int, int]
) -> Floats:
    """Boxes as FORMAT.md says, (boxes, 6): left, top, right, bottom, score, class.

    `outputs` are (height, width, channels), `size` is (height, width) of the input.
    """
    found = []
    for level, item in enumerate(rule.levels):
        scores = outputs[int(item.scores)]
        with np.errstate(invalid="ignore"):
            places = np.argwhere((scores >= np.float32(threshold)) & (scores <= 1))
        found += [(-scores[tuple(p)], level, *map(int, p)) for p in places]
    found.sort()
    taken: list[Floats] = []
    for score, level, y, x, index in found[: rule.candidates]:
        if len(taken) == rule.max_boxes:
            break
        item = rule.levels[level]
        box = _decoded(outputs[int(item.boxes)][y, x].astype(np.float64), y, x, rule.form)
        left, top, right, bottom = np.clip(
            box * item.stride, 0, [size[1], size[0], size[1], size[0]]
        ).astype(np.float32)
        if not (right > left and bottom > top):
            continue
        row = np.array([left, top, right, bottom, -score, index], np.float32)
        rivals = [other for other in taken if not rule.class_aware or other[5] == index]
        if all(overlap(row, other) <= np.float32(rule.iou_threshold) for other in rivals):
            taken.append(row)
    return np.array(taken, np.float32).reshape(-1, 6)


def overlap(a: Floats, b: Floats) -> float:
    """Intersection over union of two boxes with area."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = (a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1])
    return float(width * height / (areas[0] + areas[1] - width * height))


def _decoded(v: npt.NDArray[np.float64], y: int, x: int, form: str) -> npt.NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        if form == "ltrb":
            return np.array([x + 0.5 - v[0], y + 0.5 - v[1], x + 0.5 + v[2], y + 0.5 + v[3]])
        return np.array(
            [x + v[0] - v[2] / 2, y + v[1] - v[3] / 2, x + v[0] + v[2] / 2, y + v[1] + v[3] / 2]
        )
