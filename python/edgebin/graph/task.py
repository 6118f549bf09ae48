"""What the outputs of a network are for: the task section of a file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Literal, get_args

from edgebin.errors import OptionError, short

TaskKind = Literal["classify", "detect", "segment", "embed", "raw"]

KINDS: tuple[TaskKind, ...] = get_args(TaskKind)
"""In the order of FORMAT.md."""

OF_ONE_POSITION = ("classify", "embed")
"""Kinds whose first output has one position."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the outputs are for.

    Attributes:
        kind: "classify": the first output has a number for each class; "detect"; "segment": it has
            one for each class and position; "embed": it is a vector; "raw": anything else.
        temperature: of "classify": scores are softmax(logits / temperature).
        threshold: of "classify", 0 to 1: an image whose best score is lower is of none of the
            classes.

    Raises:
        OptionError: a value has another type or range.
    """

    kind: TaskKind = "classify"
    temperature: float = 1.0
    threshold: float = 0.0

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
        if self.kind != "classify" and (self.temperature, self.threshold) != (1.0, 0.0):
            raise OptionError(f"task: temperature and threshold are of classify, not {self.kind}")


def default_task(shape: tuple[int, int, int]) -> Task:
    """Return the task of files that name none, by the shape of their first output."""
    return Task("classify" if shape[:2] == (1, 1) else "raw")


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
