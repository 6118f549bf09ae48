"""What the outputs of a network are for: the task section of a file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Literal, cast, get_args

from edgebin.errors import OptionError, short
from edgebin.graph.detect import BoxForm, Detect, DetectLevel, as_detect
from edgebin.graph.shortest import shortest

if TYPE_CHECKING:
    from edgebin import _core

TaskKind = Literal["classify", "detect", "segment", "embed", "raw"]

KINDS: tuple[TaskKind, ...] = get_args(TaskKind)
"""In the order of FORMAT.md."""

OF_ONE_POSITION = ("classify", "embed")
"""Kinds whose first output has one position."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the outputs are for.

    Attributes:
        kind: "classify": the first output has a number for each class; "detect": outputs are boxes
            and scores; "segment": the first one has a number for each class and position; "embed":
            it is a vector; "raw": anything else.
        temperature: of "classify": scores are softmax(logits / temperature).
        threshold: 0 to 1. Of "classify": an image whose best score is lower is of none of the
            classes. Of "detect": boxes of a lower score are left out.
        detect: of "detect": how outputs become boxes; a `Detect` or a dictionary of its attributes.

    Raises:
        OptionError: a value has another type or range.
    """

    kind: TaskKind = "classify"
    temperature: float = 1.0
    threshold: float = 0.0
    detect: Detect | None = None

    def __post_init__(self) -> None:
        """Check every value; numbers become floats that f32 holds."""
        if self.kind not in KINDS:
            raise OptionError(f"task kind: expected {', '.join(KINDS)}, found {short(self.kind)}")
        for field, expected in (("temperature", "above 0"), ("threshold", "0 to 1")):
            value = getattr(self, field)
            number = float(value) if isinstance(value, Real) else math.nan
            allowed = 0 <= number <= 1 if field == "threshold" else 1e-30 < number < 1e30
            if not allowed:
                raise OptionError(f"task {field}: expected {expected}, found {short(value)}")
            object.__setattr__(self, field, number)
        object.__setattr__(self, "detect", as_detect(self.detect))
        if self.kind != "classify" and self.temperature != 1.0:
            raise OptionError(f"task: temperature is of classify, not {self.kind}")
        if self.kind not in ("classify", "detect") and self.threshold != 0.0:
            raise OptionError(f"task: threshold is of classify and detect, not {self.kind}")
        if (self.kind == "detect") != (self.detect is not None):
            found = "none" if self.detect is None else f"one for {self.kind}"
            raise OptionError(f"task: expected a rule `detect` for the kind detect, found {found}")


def output_of_classes(task: Task | None) -> int:
    """Return the number of the output whose channels are classes."""
    return 0 if task is None or task.detect is None else int(task.detect.levels[0].scores)


def default_task(shape: tuple[int, int, int]) -> Task:
    """Return the task of files that name none, by the shape of their first output."""
    return Task("classify" if shape[:2] == (1, 1) else "raw")


def task_of(info: _core.ModelInfo) -> Task:
    """Return what the outputs of a loaded model are for; numbers as the shortest decimals."""
    rule = info.detect
    detect = (
        None
        if rule is None
        else Detect(
            tuple(DetectLevel(*level) for level in rule.levels),
            cast(BoxForm, rule.form),
            shortest(rule.iou_threshold),
            rule.candidates,
            rule.max_boxes,
            rule.class_aware,
        )
    )
    kind = cast(TaskKind, info.task)
    return Task(kind, shortest(info.temperature), shortest(info.threshold), detect)


def as_task(task: Task | TaskKind | Mapping[str, object] | None) -> Task | None:
    """Return a task given as such, by its kind, or as a dictionary of its attributes.

    Raises:
        OptionError: it is no task.
    """
    if task is None or isinstance(task, Task):
        return task
    if isinstance(task, str):
        return Task(task)
    fields = Task.__dataclass_fields__
    if not isinstance(task, Mapping) or not set(task) <= set(fields):
        expected = f"{', '.join(KINDS)}, or a dictionary of {', '.join(fields)}"
        raise OptionError(f"task: expected {expected}, found {short(task)}")
    return Task(**task)  # type: ignore[arg-type]
