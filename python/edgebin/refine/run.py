"""An alternating update as a run: from a checkpoint to a checkpoint and a log in a folder.

A checkpoint with float weights becomes a binary network of the same shape, with the float one as
its teacher, and the update of every layer is kept. After each layer a checkpoint of the state so
far is written, until the log has its end; an interrupted run is resumed from it, on one CPU thread
to the same bits. The test set is read once, at the end.
"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import torch
from rich.console import Console

from edgebin.errors import CheckpointError
from edgebin.refine.alternating_update import Progress, refine
from edgebin.refine.images import RefineImages
from edgebin.refine.last_layer import refit_head
from edgebin.refine.options import RefineOptions
from edgebin.refine.report import (
    HeadResult,
    LayerResult,
    head_line,
    layer_line,
    print_line,
)
from edgebin.refine.resume import (
    UNFINISHED,
    check_folder,
    load_progress,
    log_header,
    resume_log,
    save_network,
    save_progress,
    start_log,
)
from edgebin.refine.student import Student, load_student
from edgebin.train.backend.device import training_device
from edgebin.train.backend.precision import exact_convolutions
from edgebin.train.checkpoint import checkpoint, load_checkpoint
from edgebin.train.data import open_data
from edgebin.train.data.source import DataSet
from edgebin.train.evaluation import evaluate
from edgebin.train.log import log
from edgebin.train.recipe.recipe import parse_recipe
from edgebin.train.results import Score


@dataclasses.dataclass(frozen=True, slots=True)
class RefineResult:
    """The refined network's file; scores on the images to judge by, and on the test set if any."""

    checkpoint: Path
    before: Score
    after: Score
    test: Score | None


@exact_convolutions()
def refine_checkpoint(
    path: str | Path,
    data: DataSet | str | Path,
    out: str | Path,
    options: RefineOptions | None = None,
    *,
    device: str | torch.device = "cpu",
    teacher: str | Path | None = None,
    last: str | None = None,
    resume: bool = False,
    console: Console | None = None,
) -> RefineResult:
    """Refine the network of a checkpoint, into `out`/checkpoint.pt and `out`/log.jsonl.

    Example:
        refine_checkpoint("runs/float/checkpoint.pt", "photos", "runs/signs", device="cuda")

    Args:
        path: checkpoint of a trained network, with binary or float weights.
        data: the data set that it was trained on, on the device; or its folder, which is opened by
            the recipe that the checkpoint holds.
        out: a folder, made if need be; without resume it must hold no run.
        options: of the update; by default `RefineOptions()`.
        device: where to compute, "cpu" or "cuda".
        teacher: checkpoint of a network of the same shape; by default the float weights of the
            network itself.
        last: weights of the last layer of a float network, "binary", "int8" or "float32"; by
            default those that its recipe names.
        resume: continue the unfinished update in `out`; the other arguments are as they were.
        console: where progress goes; stderr by default.

    Raises:
        CheckpointError: a file is missing, damaged or cannot be written, `out` holds a run, or none
            to resume, or one of another checkpoint or with other options; or the network or the
            teacher is for other classes or has no finite loss, or the teacher for other images.
        DataError: the data set is missing or damaged, or has too few images.
        OptionError: the network or the teacher does not fit, or `last` is none of the three or
            given for a binary network.
    """
    path, out, device = Path(path), Path(out), training_device(device)
    teacher = None if teacher is None else Path(teacher)
    options = options if options is not None else RefineOptions()
    check_folder(out, resume=resume)
    if not isinstance(data, DataSet):
        data = _open_folder(Path(data), path, device)
    student = load_student(path, data, options, teacher, last)
    header = log_header(path, teacher, student.checkpoint, student.options, last, data)
    log_path = out / log.FILE_NAME
    progress = None
    if resume:
        unfinished = out / UNFINISHED
        progress = load_progress(unfinished, log_path, header, student.network, student.options)
    for network in (student.network, student.teacher):
        if network is not None:
            network.to(device)
    images = RefineImages(data, student.options, channels_last=True)
    before = images.losses(student.network).score()
    if not math.isfinite(before.loss):
        raise CheckpointError(f"{path}: expected a finite loss, found {before.loss}")
    if progress is None:
        start_log(log_path, header, device)
    else:
        resume_log(log_path, progress.layers, device)
    for line in (*data.notes, f"before: {before}"):
        print_line(line, console)
    _refine(student, images, out, progress, console)
    after = images.losses(student.network).score()
    print_line(f"after: {after}", console)
    return _finish(student, data, out, before, after, console)


def _open_folder(folder: Path, checkpoint_path: Path, device: torch.device) -> DataSet:
    """Open the data set in a folder by the recipe that a checkpoint holds."""
    recipe = parse_recipe(load_checkpoint(checkpoint_path).recipe, source=str(checkpoint_path))
    workers = torch.get_num_threads()
    return open_data(folder, recipe, device=device, workers=workers, in_memory=False)


def _refine(
    student: Student,
    images: RefineImages,
    out: Path,
    progress: Progress | None,
    console: Console | None,
) -> None:
    log_path = out / log.FILE_NAME

    def record_layer(result: LayerResult, now: Progress) -> None:
        log.append(log_path, "layer", dataclasses.asdict(result))
        save_progress(out / UNFINISHED, now, student.checkpoint)
        print_line(layer_line(result), console)

    def record_head(result: HeadResult) -> None:
        log.append(log_path, "head", dataclasses.asdict(result))
        print_line(head_line(result), console)

    refine(
        student.network,
        images,
        student.options,
        teacher=student.teacher,
        on_layer=record_layer,
        progress=progress,
    )
    refit_head(
        student.network,
        images,
        student.teacher,
        seed=student.options.seed,
        on_result=record_head,
    )


def _finish(
    student: Student,
    data: DataSet,
    out: Path,
    before: Score,
    after: Score,
    console: Console | None,
) -> RefineResult:
    path = out / checkpoint.FILE_NAME
    save_network(path, student.network.state_dict(), student.checkpoint)
    test = None
    if data.test is not None:
        test = evaluate(student.network, data.test, data.preprocessing)
    end = {"before": before, "after": after, "test": test}
    entry = {key: dataclasses.asdict(score) for key, score in end.items() if score is not None}
    log.append(out / log.FILE_NAME, "end", entry)
    (out / UNFINISHED).unlink(missing_ok=True)
    if test is not None:
        print_line(f"test: {test}", console)
    return RefineResult(path, before, after, test)
