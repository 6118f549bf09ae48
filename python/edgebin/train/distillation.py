"""Distillation: the student also learns from the logits of a trained teacher.

The loss of a batch is (1 - weight) * cross entropy + weight * T^2 * KL(teacher || student), both
softmax(logits / T); T^2 keeps the gradient's size whatever T. The teacher never changes: eval mode,
no gradients. It refuses a teacher of other classes or of images normalised otherwise.
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
from edgebin.train.checkpoint.checkpoint import load_network
from edgebin.train.data.source import DataSet
from edgebin.train.network import check_logits, placed
from edgebin.train.recipe.recipe import DistillationRecipe, Recipe


@dataclass(frozen=True, slots=True)
class Teacher:
    """A teacher in place, how much it counts, and the SHA-256 of its weights."""

    network: nn.Module
    recipe: DistillationRecipe
    sha256: str

    def logits(self, x: Tensor) -> Tensor:
        """Float32 logits of the student's input, without gradients."""
        with torch.no_grad():
            found: Tensor = self.network(x).float()
        return found


def teacher_of(
    recipe: Recipe,
    data: DataSet,
    network: nn.Module | None,
    *,
    student: nn.Module,
    device: torch.device,
) -> Teacher | None:
    """The teacher of a run, moved to the device and into eval mode; None where there is none.

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
    return Teacher(placed(network, recipe, device).eval(), recipe.distillation, sha256)


def load_teacher(path: Path, data: DataSet) -> nn.Module:
    """The network of a checkpoint, which must see the images as the student does.

    It may have been trained on images of another size, if it can look at these at all: of the
    networks here ResNet-18 and ResNet-20 can.

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
    for name in ("mean", "std"):
        ours, theirs = getattr(data.preprocessing, name), getattr(checkpoint.preprocessing, name)
        if ours != theirs:
            raise CheckpointError(f"{path}: teacher: expected {name} {ours}, found {theirs}")
    check_logits(network, data, f"{path}: teacher")
    return network


def distillation_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """T^2 times the mean over the batch of KL(softmax(teacher / T) || softmax(student / T)).

    Args:
        student: logits (N, classes), float32.
        teacher: likewise.
        temperature: T, above 0.
    """
    ours = F.log_softmax(student / temperature, 1)
    theirs = F.log_softmax(teacher / temperature, 1)
    return F.kl_div(ours, theirs, reduction="batchmean", log_target=True) * temperature**2


def same_teacher(kept: str | None, teacher: Teacher | None, path: Path) -> None:
    """Raises CheckpointError unless a run resumes with the teacher that it began with."""
    found = teacher.sha256 if teacher is not None else None
    if kept != found:
        raise CheckpointError(
            f"{path}: expected the teacher of the run, weights with SHA-256 {kept}, found {found}"
        )


def weights_sha256(network: nn.Module) -> str:
    """SHA-256 over names, types, shapes and bytes of a state dict, whatever its layout.

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
