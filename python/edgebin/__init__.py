"""Runs networks with binary weights and 2-bit activations, stored in `.ebn` files.

    import edgebin

    model = edgebin.load("cifar10-resnet20")
    print(model("image.jpg")[0].label)

Importing it needs numpy alone; the first image loads Pillow. `edgebin.check_export`,
`edgebin.convert`, `edgebin.export`, `edgebin.nn`, `edgebin.refine` and `edgebin.train` need PyTorch
and load it when they are first used, so a board that only runs networks never pays for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from edgebin import installation as installation  # first: it says what is wrong with the core
from edgebin.deprecated import forward_moved_modules
from edgebin.errors import (
    CheckpointError,
    DataError,
    EdgebinError,
    EdgebinWarning,
    ExportError,
    ExportWarning,
    InputError,
    ModelFileError,
    OptionError,
    RecipeError,
    Refusal,
)
from edgebin.graph.detect import Detect, DetectLevel
from edgebin.graph.preprocessing import Preprocessing
from edgebin.graph.task import Task
from edgebin.runtime.evaluate import Evaluation, evaluate
from edgebin.runtime.layers import Layer
from edgebin.runtime.model import Model, load
from edgebin.runtime.options import isas
from edgebin.runtime.prediction import Detection, Detections, Prediction, Segmentation
from edgebin.runtime.tensors import TensorInfo
from edgebin.runtime.verify import Check, Difference, Verification, verify

if TYPE_CHECKING:
    from edgebin import nn as nn
    from edgebin import refine as refine
    from edgebin import train as train
    from edgebin.converter import convert as convert
    from edgebin.exporter import check_export as check_export
    from edgebin.exporter import export as export

    __version__: str

__all__ = [
    "Check",
    "CheckpointError",
    "DataError",
    "Detect",
    "DetectLevel",
    "Detection",
    "Detections",
    "Difference",
    "EdgebinError",
    "EdgebinWarning",
    "Evaluation",
    "ExportError",
    "ExportWarning",
    "InputError",
    "Layer",
    "Model",
    "ModelFileError",
    "OptionError",
    "Prediction",
    "Preprocessing",
    "RecipeError",
    "Refusal",
    "Segmentation",
    "Task",
    "TensorInfo",
    "Verification",
    "check_export",
    "convert",
    "evaluate",
    "export",
    "isas",
    "load",
    "nn",
    "refine",
    "train",
    "verify",
]

forward_moved_modules()

_LAZY = {
    "check_export": "edgebin.exporter",
    "convert": "edgebin.converter",
    "export": "edgebin.exporter",
    "nn": "edgebin.nn",
    "refine": "edgebin.refine",
    "train": "edgebin.train",
}
_FUNCTIONS = ("check_export", "convert", "export")


def __dir__() -> list[str]:
    """Return the public names, without what this module itself imports."""
    return sorted([*__all__, "__version__"])


def __getattr__(name: str) -> Any:
    """Load what needs PyTorch, and the version, when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("edgebin")
    if name not in _LAZY:
        raise AttributeError(f"module 'edgebin' has no attribute {name!r}")
    try:
        module = importlib.import_module(_LAZY[name])
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        from edgebin.install_hint import install_torch

        raise ImportError(
            f"edgebin.{name} needs PyTorch: {install_torch()}", name="torch"
        ) from error
    return getattr(module, name) if name in _FUNCTIONS else module
