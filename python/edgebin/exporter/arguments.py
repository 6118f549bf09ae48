"""Checks the arguments of export, and completes the preprocessing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from torch import nn

from edgebin.errors import ExportError
from edgebin.exporter.examples import Examples
from edgebin.graph.preprocessing import Preprocessing

EndWeights = Literal["int8", "float32"]


def check_arguments(model: object, labels: object, name: object, **ends: object) -> None:
    """Raise ExportError for arguments that a type checker would have rejected."""
    _check_kind("name", name, str)
    _check_kind("model", model, nn.Module)
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise ExportError(f"labels: expected a list of strings, found {type(labels).__name__}")
    for label in labels:
        if not isinstance(label, str):
            raise ExportError(f"labels: expected strings, found {label!r}")
    for option, value in ends.items():
        if value not in ("int8", "float32"):
            raise ExportError(f"{option}: expected int8 or float32, found {value!r}")


def full_preprocessing(preprocessing: Preprocessing | None, examples: Examples) -> Preprocessing:
    """Return the preprocessing that a file holds, by default pixel / 255; an empty one of arrays.

    Raises:
        ExportError: it does not fit the channels or the size of the example, or that is no image.
    """
    if not examples.has_image:
        if preprocessing is not None:
            raise ExportError(
                f"preprocessing: expected none of {examples.kinds[0]} inputs, found one"
            )
        return Preprocessing((), ())
    channels, height, width = examples.shape(0)
    if preprocessing is None:
        preprocessing = Preprocessing((0.0,) * channels, (1.0,) * channels)
    _check_kind("preprocessing", preprocessing, Preprocessing)
    if len(preprocessing.mean) != channels:
        raise ExportError(
            f"preprocessing mean: expected {channels} values, one per channel of the example, "
            f"found {len(preprocessing.mean)}"
        )
    side = preprocessing.input_size
    if side and (height, width) != (side, side):
        raise ExportError(
            f"example: expected {side}x{side} pixels, the input_size of the preprocessing, "
            f"found {height}x{width}"
        )
    return replace(preprocessing, input_size=0)  # a file has it in the graph


def target_path(path: object) -> Path:
    """Return the path of the file to write; raise ExportError if it is none."""
    try:
        target = Path(os.fsdecode(os.fsencode(path)))  # type: ignore[arg-type]
    except (TypeError, ValueError):  # no path, or characters that no file's name has
        target = None
    if target is None or "\0" in str(target):
        raise ExportError(f"path: expected that of a file to write, found {path!r}")
    return target


def _check_kind(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise ExportError(f"{name}: expected a {kind.__name__}, found {type(value).__name__}")
