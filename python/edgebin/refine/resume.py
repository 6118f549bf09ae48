"""The folder of a refine run: its log, its unfinished state, and how a run is resumed from them.

The log and the state are those of edgebin 0.1, so that a refine run that it began can be resumed.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from edgebin.errors import CheckpointError
from edgebin.refine.alternating_update import Progress
from edgebin.refine.layer.binary_layers import named_binary_layers
from edgebin.refine.options import RefineOptions
from edgebin.train.checkpoint import checkpoint
from edgebin.train.checkpoint.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from edgebin.train.checkpoint.entries import damaged
from edgebin.train.checkpoint.network import check_fit
from edgebin.train.data.source import DataSet
from edgebin.train.initial_weights import origin
from edgebin.train.log import log

UNFINISHED = "unfinished.pt"
"""A checkpoint of an unfinished update: step counts layers, data_rng draws positions."""
_NEW_NAMES = {"pictures": "images"}
"""Keys of the log, which are those of edgebin 0.1, and what error lines call them."""


def check_folder(out: Path, *, resume: bool) -> None:
    """Raise CheckpointError where the folder holds a run that would be overwritten."""
    done, unfinished = out / checkpoint.FILE_NAME, out / UNFINISHED
    if os.path.exists(unfinished):
        if not resume:
            raise CheckpointError(
                f"{unfinished}: expected no earlier run, found one; use --resume or another folder"
            )
    elif os.path.exists(done):
        raise CheckpointError(f"{done}: expected no earlier run, found one; use another folder")


def log_header(
    path: Path,
    teacher: Path | None,
    student: Checkpoint,
    options: RefineOptions,
    last: str | None,
    data: DataSet,
) -> dict[str, object]:
    """Return what the log says first; a run is resumed with an equal header only."""
    logged = dataclasses.asdict(options)
    logged["pictures"] = logged.pop("images")
    if last is not None:
        logged["last"] = last
    return {
        "refines": origin(path),
        "teacher": None if teacher is None else origin(teacher),
        "network": student.network,
        "network_options": dict(student.options),
        "options": logged,
        "pictures": {
            "train": len(data.train),
            "holdout": len(data.holdout) if data.holdout is not None else 0,
        },
    }


def start_log(log_path: Path, header: Mapping[str, object], device: torch.device) -> None:
    """Make the folder and begin its log.

    Raises:
        CheckpointError: the folder or the log cannot be written.
    """
    try:
        log_path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(f"{log_path.parent}: cannot write there: {error}") from None
    log.start_log(log_path, {**header, **log.surroundings(device)})


def resume_log(log_path: Path, layers: int, device: torch.device) -> None:
    """Continue a log behind its entries of so many layers."""
    log.cut_back(log_path, layers, "number")
    log.append(log_path, "resume", {"number": layers, **log.surroundings(device)})


def load_progress(
    path: Path,
    log_path: Path,
    header: Mapping[str, object],
    network: nn.Module,
    options: RefineOptions,
) -> Progress:
    """Return the state of an unfinished update whose log begins with the same header.

    Raises:
        CheckpointError: there is none, it is damaged, or it is of another update.
    """
    saved = load_checkpoint(path)
    found = log.header_of(log_path)
    for key, expected in header.items():
        if _content(found.get(key)) != _content(expected):
            raise CheckpointError(
                f"{log_path}: expected a refine run with {_NEW_NAMES.get(key, key)} "
                f"{_described(expected)}, found {_described(found.get(key))}"
            )
    check_fit(network, saved, path)
    layers = options.rounds * len(named_binary_layers(network))
    if saved.step > layers:
        raise damaged(path, "step", f"at most {layers}, the layers", saved.step)
    try:
        torch.Generator().set_state(saved.data_rng)
    except RuntimeError:
        raise damaged(path, "data_rng", "the state of a generator", saved.data_rng) from None
    return Progress(saved.step, saved.model, saved.data_rng)


def save_progress(path: Path, progress: Progress, student: Checkpoint) -> None:
    """Write the state of an unfinished update."""
    state = dataclasses.replace(student, step=progress.layers, data_rng=progress.generator)
    save_network(path, progress.state, state)


def save_network(path: Path, state: Mapping[str, Tensor], student: Checkpoint) -> None:
    """Write a checkpoint with new weights.

    Args:
        path: of the file.
        state: state dict of the network.
        student: everything else; what its optimizer has stored belongs to the old weights and is
            left out.
    """
    model = {name: value.cpu() for name, value in state.items()}
    optimizer = {**student.optimizer, "state": {}}
    save_checkpoint(path, dataclasses.replace(student, model=model, raw=None, optimizer=optimizer))


def _described(entry: object) -> object:
    """Return what an error line says of an entry."""
    content = _content(entry)
    if isinstance(content, Mapping):
        return {_NEW_NAMES.get(key, key): value for key, value in content.items()}
    return content


def _content(entry: object) -> object:
    """Return what has to be equal: of a file, its hash and not its path."""
    if isinstance(entry, Mapping) and "sha256" in entry:
        return entry["sha256"]
    return entry
