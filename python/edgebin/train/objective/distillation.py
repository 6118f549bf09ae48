"""Distillation: the student also learns from the logits of a trained teacher.

The loss of a batch is (1 - weight) * cross entropy + weight * T^2 * KL(teacher || student), both
softmax(logits / T); T^2 keeps the gradient's size whatever T. The teacher never changes: eval mode,
no gradients. Its classes and its normalisation must be the student's.
Source: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", arXiv 1503.02531.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.errors import CheckpointError, OptionError, RecipeError
from edgebin.train.checkpoint.network import load_network
from edgebin.train.data.source import DataSet
from edgebin.train.network import check_logits, moved
from edgebin.train.recipe.recipe import DistillationRecipe, Recipe


@dataclass(frozen=True, slots=True)
class Teacher:
    """A teacher on the device of the run, its share of the loss, the SHA-256 of its weights."""

    network: nn.Module
    recipe: DistillationRecipe
    sha256: str

    def logits(self, x: Tensor) -> Tensor:
        """Return float32 logits of the student's input, without gradients."""
        with torch.no_grad():
            logits: Tensor = self.network(x).float()
        return logits


def teacher_of(
    recipe: Recipe,
    data: DataSet,
    network: nn.Module | None,
    *,
    student: nn.Module,
    device: torch.device,
) -> Teacher | None:
    """Return the teacher of a run, moved to the device and into eval mode, or None.

    Raises:
        RecipeError: a table [distillation] without a teacher, or a teacher without the table.
        OptionError: the teacher is the student, or does not give the logits of the data set.
    """
    table = f"{recipe.source}: expected a table [distillation] and a teacher"
    if recipe.distillation is None:
        if network is not None:
            raise RecipeError(f"{table}, found the teacher alone")
        return None
    if network is None:
        raise RecipeError(f"{table}, found the table alone")
    if network is student:
        raise OptionError("teacher: expected another network than the student, found the same")
    check_logits(network, data, "teacher", channels_last=recipe.run.channels_last)
    sha256 = weights_sha256(network)
    return Teacher(moved(network, recipe, device).eval(), recipe.distillation, sha256)


def load_teacher(path: str | Path, data: DataSet) -> nn.Module:
    """Return the network of a checkpoint as a teacher for a data set.

    Its classes, mean and scale must be those of the data. It may have been trained on images of
    another size if it takes these at all: of the networks here ResNet-18 and ResNet-20 do.

    Raises:
        CheckpointError: the file is missing or damaged, or its classes or its normalisation are
            others.
        OptionError: it does not take images of this size.
    """
    network, checkpoint = load_network(path)
    if checkpoint.classes != data.classes:
        raise CheckpointError(
            f"{path}: expected a teacher of the {len(data.classes)} classes of the data, "
            f"found {len(checkpoint.classes)} classes or other names"
        )
    for name in ("mean", "scale"):
        expected, found = (getattr(p, name) for p in (data.preprocessing, checkpoint.preprocessing))
        if expected != found:
            raise CheckpointError(f"{path}: teacher: expected {name} {expected}, found {found}")
    check_logits(network, data, f"{path}: teacher")
    return network


def distillation_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Return T^2 times the mean over a batch of KL(softmax(teacher / T) || softmax(student / T)).

    Args:
        student: logits (N, classes), float32.
        teacher: logits (N, classes), float32.
        temperature: T, above 0.
    """
    log_student = F.log_softmax(student / temperature, 1)
    log_teacher = F.log_softmax(teacher / temperature, 1)
    distance = F.kl_div(log_student, log_teacher, reduction="batchmean", log_target=True)
    return distance * temperature**2


def check_same_teacher(expected: str | None, teacher: Teacher | None, path: Path) -> None:
    """Raise CheckpointError unless a run resumes with the teacher that it began with.

    Args:
        expected: SHA-256 of the weights in the checkpoint.
        teacher: of the run that resumes.
        path: of the checkpoint, for the message.
    """
    found = teacher.sha256 if teacher is not None else None
    if expected != found:
        raise CheckpointError(
            f"{path}: expected the teacher of the run, weights with SHA-256 {expected}, "
            f"found {found}"
        )


def weights_sha256(network: nn.Module) -> str:
    """Return the SHA-256 of names, types, shapes and bytes of a state dict, whatever its layout.

    Raises:
        OptionError: an entry is no tensor.
    """
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        if not isinstance(value, Tensor):
            raise OptionError(f"teacher: {name}: expected a tensor, found {type(value).__name__}")
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        digest.update(value.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
