"""The network that a refine run starts from: binary, or made binary from float weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from edgebin.errors import CheckpointError, OptionError
from edgebin.nn.networks import build, check_options
from edgebin.refine.layer.binary_layers import named_binary_layers
from edgebin.refine.options import RefineOptions
from edgebin.refine.teacher.network import check_teacher
from edgebin.train.checkpoint.checkpoint import Checkpoint
from edgebin.train.checkpoint.network import load_network
from edgebin.train.data.source import DataSet
from edgebin.train.objective.distillation import load_teacher


@dataclasses.dataclass(frozen=True, slots=True)
class Student:
    """The student, its checkpoint, its teacher if it is another network, and the options for it."""

    network: nn.Module
    checkpoint: Checkpoint
    teacher: nn.Module | None
    options: RefineOptions


def load_student(
    path: Path, data: DataSet, options: RefineOptions, teacher: Path | None, last: str | None
) -> Student:
    """Load the network of a checkpoint; one with float weights becomes binary.

    Args:
        path: of the checkpoint.
        data: the data set, whose classes the network has to have.
        options: of a network that was binary; one that becomes binary keeps all its new signs.
        teacher: another checkpoint; by default a network with float weights is its own teacher.
        last: weights of the last layer of a network that becomes binary; None is what its recipe
            names.

    Raises:
        CheckpointError: a file is missing or damaged, or a network is for other classes.
        OptionError: the network or the teacher does not fit, or `last` is no such kind or given
            for a binary network.
    """
    other = None if teacher is None else load_teacher(teacher, data)
    network, checkpoint, teacher_network = _load(path, other, last)
    if checkpoint.classes != data.classes:
        raise CheckpointError(
            f"{path}: expected a network for the {len(data.classes)} classes of the data, "
            f"found {len(checkpoint.classes)} classes or other names"
        )
    if checkpoint.options["weights"] == "float32":
        checkpoint = _as_binary(checkpoint, last)
        options = dataclasses.replace(options, keep="all")
    check_teacher(network, named_binary_layers(network), teacher_network)  # before the log begins
    return Student(network, checkpoint, teacher_network, options)


def _load(
    path: Path, teacher: nn.Module | None, last: str | None
) -> tuple[nn.Module, Checkpoint, nn.Module | None]:
    network, checkpoint = load_network(path)
    options = check_options(checkpoint.network, checkpoint.options)
    if options["activations"] != "hwgq":
        raise OptionError(
            f"{path}: expected a network with activations 'hwgq', found {options['activations']!r}"
        )
    checkpoint = dataclasses.replace(checkpoint, options=options)
    if options["weights"] == "float32":
        teacher = network if teacher is None else teacher
        network = build(checkpoint.network, **_binary_options(options, last)).eval()
        network.load_state_dict(dict(checkpoint.model))
    elif last is not None:
        raise OptionError(f"{path}: expected float weights for refine last, found binary ones")
    return network, checkpoint, teacher


def _binary_options(options: Mapping[str, Any], last: str | None) -> dict[str, Any]:
    return {**options, "weights": "binary", **({} if last is None else {"last": last})}


def _as_binary(checkpoint: Checkpoint, last: str | None) -> Checkpoint:
    recipe = {name: dict(section) for name, section in checkpoint.recipe.items()}
    recipe["network"] = _binary_options(recipe["network"], last)
    del recipe["network"]["weights"]
    options = _binary_options(checkpoint.options, last)
    return dataclasses.replace(checkpoint, options=options, recipe=recipe)
