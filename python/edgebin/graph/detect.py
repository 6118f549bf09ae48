"""How the outputs of a detector become boxes: a part of the task section of a file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal, get_args

from edgebin.errors import OptionError, short
from edgebin.integers import as_integer

BoxForm = Literal["ltrb", "centre"]

FORMS: tuple[BoxForm, ...] = get_args(BoxForm)
"""In the order of FORMAT.md."""

MOST_LEVELS = 8
MOST_STRIDE = 1 << 12
MOST_CANDIDATES = 1 << 12


@dataclass(frozen=True, slots=True)
class DetectLevel:
    """One resolution of a detector: a grid of positions with a box each, and scores of classes.

    Attributes:
        stride: distance of neighbouring positions, in pixels of the input, 1 to 4096.
        boxes: the output with the boxes, (height, width, 4): its number, from 0, or for `export`
            its name.
        scores: the output with the scores, (height, width, classes), likewise. They are
            probabilities: a network whose last operator is a sigmoid.
    """

    stride: int
    boxes: int | str
    scores: int | str

    def __post_init__(self) -> None:
        """Check every value."""
        object.__setattr__(self, "stride", _integer("stride", self.stride, MOST_STRIDE))
        for field in ("boxes", "scores"):
            value = getattr(self, field)
            if not isinstance(value, str):
                number = _integer(field, value, 2**32 - 1, lowest=0)
                object.__setattr__(self, field, number)


@dataclass(frozen=True, slots=True)
class Detect:
    """From the outputs of a detector to boxes, best first.

    Every class of every position whose score is at least the threshold of the task is a candidate.
    Of the best candidates, each box that overlaps a better one too much is left out (non-maximum
    suppression).

    Attributes:
        levels: 1 to 8, each a `DetectLevel` or its three values.
        form: of boxes, in strides. "ltrb": distances from the centre of the position to the left,
            top, right and bottom edge (FCOS, Tian et al. 2019). "centre": the centre of the box
            from the position's top left corner, width and height (YOLOX, Ge et al. 2021).
        iou_threshold: intersection over union, 0 to 1, above which the worse box is left out.
        candidates: how many of the best scores are looked at, 1 to 4096.
        max_boxes: how many boxes an image has at most, 1 to `candidates`.
        class_aware: boxes of different classes do not suppress each other.

    Raises:
        OptionError: a value has another type or range.
    """

    levels: tuple[DetectLevel, ...]
    form: BoxForm = "ltrb"
    iou_threshold: float = 0.6
    candidates: int = 1000
    max_boxes: int = 100
    class_aware: bool = True

    def __post_init__(self) -> None:
        """Check every value; levels become a tuple of `DetectLevel`."""
        object.__setattr__(self, "levels", _levels(self.levels))
        if self.form not in FORMS:
            raise OptionError(f"detect form: expected {', '.join(FORMS)}, found {short(self.form)}")
        value = self.iou_threshold
        number = float(value) if isinstance(value, Real) else math.nan
        if not 0 <= number <= 1:
            raise OptionError(f"detect iou_threshold: expected 0 to 1, found {short(value)}")
        object.__setattr__(self, "iou_threshold", number)
        most = _integer("candidates", self.candidates, MOST_CANDIDATES)
        object.__setattr__(self, "candidates", most)
        object.__setattr__(self, "max_boxes", _integer("max_boxes", self.max_boxes, most))
        if not isinstance(self.class_aware, bool):
            found = short(self.class_aware)
            raise OptionError(f"detect class_aware: expected True or False, found {found}")

    def numbered(self, outputs: Sequence[str]) -> Detect:
        """Return the same with the outputs by number; `outputs` are their names.

        Raises:
            OptionError: there is no such output.
        """
        levels = tuple(
            DetectLevel(x.stride, _number(x.boxes, outputs), _number(x.scores, outputs))
            for x in self.levels
        )
        return Detect(
            levels, self.form, self.iou_threshold, self.candidates, self.max_boxes, self.class_aware
        )


def as_detect(rule: Detect | Mapping[str, object] | None) -> Detect | None:
    """Return a rule given as such, or as a dictionary of its attributes.

    Raises:
        OptionError: it is no rule.
    """
    if rule is None or isinstance(rule, Detect):
        return rule
    fields = Detect.__dataclass_fields__
    if not isinstance(rule, Mapping) or "levels" not in rule or not set(rule) <= set(fields):
        raise OptionError(
            f"detect: expected a dictionary of {', '.join(fields)}, found {short(rule)}"
        )
    return Detect(**rule)  # type: ignore[arg-type]


def _levels(levels: Any) -> tuple[DetectLevel, ...]:
    given = tuple(levels) if isinstance(levels, Sequence) else ()
    if not 1 <= len(given) <= MOST_LEVELS or isinstance(levels, str):
        raise OptionError(
            f"detect levels: expected 1 to {MOST_LEVELS} of (stride, boxes, scores), "
            f"found {short(levels)}"
        )
    return tuple(map(_level, given))


def _level(level: Any) -> DetectLevel:
    if isinstance(level, DetectLevel):
        return level
    if isinstance(level, Mapping) and set(level) == {"stride", "boxes", "scores"}:
        return DetectLevel(**level)
    if isinstance(level, Sequence) and not isinstance(level, str) and len(level) == 3:
        return DetectLevel(*level)
    raise OptionError(f"detect level: expected (stride, boxes, scores), found {short(level)}")


def _number(output: int | str, names: Sequence[str]) -> int:
    if output in names:
        return names.index(str(output))
    if isinstance(output, int) and output < len(names):
        return output
    raise OptionError(f"detect: expected an output, {', '.join(names)}, found {short(output)}")


def _integer(field: str, value: object, most: int, *, lowest: int = 1) -> int:
    number = as_integer(value)
    if number is not None and lowest <= number <= most:
        return number
    raise OptionError(f"detect {field}: expected {lowest} to {most}, found {short(value)}")
