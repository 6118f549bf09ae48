"""How the classes of the outputs are named, and whether one logit stands for two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edgebin.errors import ExportError
from edgebin.exporter.dialect import producers
from edgebin.exporter.passes.lower_heads import PAIR
from edgebin.graph.ir import Graph
from edgebin.graph.ops import infer_types
from edgebin.graph.task import Task, output_of_classes


def is_one_logit(graph: Graph, labels: Sequence[str]) -> bool:
    """Return whether the first output is one logit that the labels say stands for two classes.

    One number without labels may be any measure.

    Args:
        graph: lowered to FORMAT.md.
        labels: as the user gave them.
    """
    node = producers(graph).get(graph.outputs[0])
    is_softmax = node is not None and node.op == "softmax"
    return bool(labels) and not is_softmax and _shape(graph) == (1, 1, 1)


def numbered_task(task: Task | None, graph: Graph) -> Task | None:
    """Return the task with the outputs of a detector by number.

    Raises:
        OptionError: a detector has no such output.
    """
    if task is None or task.detect is None:
        return task
    return replace(task, detect=task.detect.numbered(graph.outputs))


def class_labels(graph: Graph, labels: tuple[str, ...], task: Task | None) -> tuple[str, ...]:
    """Return a name for each class of the first output; of one logit, one name may be given.

    Args:
        graph: lowered to FORMAT.md.
        labels: as the user gave them.
        task: with outputs by number; classes of a detector are those of its scores.

    Raises:
        ExportError: there are more or fewer.
    """
    is_pair = graph.outputs[0].endswith(PAIR)
    if is_pair and len(labels) == 1:
        return (f"not {labels[0]}", labels[0])
    classes = infer_types(graph)[graph.outputs[output_of_classes(task)]].shape[2]
    if labels and len(labels) != classes:
        output = "scores" if task is not None and task.detect is not None else "first output"
        both = " (one logit has two classes)" if is_pair else ""
        raise ExportError(
            f"labels: expected {classes}, one per channel of the {output}{both}, "
            f"found {len(labels)}"
        )
    return labels


def _shape(graph: Graph) -> tuple[int, int, int]:
    return infer_types(graph)[graph.outputs[0]].shape
