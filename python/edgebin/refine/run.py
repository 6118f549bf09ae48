"""An alternating update as a run: from a checkpoint to a checkpoint and a log in a folder.

A checkpoint of real weights becomes a binary network of the same shape, with the real one as its
teacher, and takes every layer's update. After each layer a checkpoint of what is done so far stands
in the folder, until the log has its end; from there a run that was interrupted goes on, on one CPU
thread to the same bits. It refuses to write over another run, and looks at the test set once, at
the end.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import Tensor, nn

from edgebin.errors import CheckpointError, OptionError
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.networks import build, check_options
from edgebin.refine.head import refit_head
from edgebin.refine.options import RefineOptions
from edgebin.refine.pictures import Pictures
from edgebin.refine.sites import Site
from edgebin.refine.teacher import check_teacher
from edgebin.refine.update import LayerResult, Progress, refine
from edgebin.train.backend.precision import exact_convolutions
from edgebin.train.checkpoint import checkpoint
from edgebin.train.checkpoint.checkpoint import (
    Checkpoint,
    load_checkpoint,
    load_network,
    save_checkpoint,
)
from edgebin.train.checkpoint.entries import damaged
from edgebin.train.data.source import DataSet
from edgebin.train.distillation import load_teacher
from edgebin.train.evaluation import Score, evaluate
from edgebin.train.initial import origin
from edgebin.train.log import log

UNFINISHED = "unfinished.pt"
"""A checkpoint of an update that is not done: step counts layers, data_rng draws positions."""


@dataclasses.dataclass(frozen=True, slots=True)
class RefineResult:
    """Where the network is; scores on the pictures to judge by, and on the test set if any."""

    checkpoint: Path
    before: Score
    after: Score
    test: Score | None


@exact_convolutions()
def refine_checkpoint(
    path: Path,
    data: DataSet,
    out: Path,
    options: RefineOptions,
    *,
    device: torch.device,
    teacher: Path | None = None,
    last: str | None = None,
    resume: bool = False,
    console: Console | None = None,
) -> RefineResult:
    """Betters the network of a checkpoint, into `out`/checkpoint.pt and `out`/log.jsonl.

    Args:
        path: of a trained network, binary or with real weights.
        data: of the recipe that trained it, on the device.
        out: a folder, made if need be; without resume it must hold no run.
        options: what to do.
        device: where to compute.
        teacher: a checkpoint of the same shape; by default the real weights of the network itself.
        last: what weights the last layer of a network with real ones gets, "binary", "int8" or
            "float32"; by default those that its recipe names.
        resume: go on with the unfinished update in `out`; the other arguments are as they were.
        console: where progress goes; stderr by default.

    Raises:
        CheckpointError: a file is missing, damaged or cannot be written, `out` holds a run, or none
            to resume, or one of another checkpoint or with other options; or the network or the
            teacher is of other classes or has no finite loss, or the teacher of other pictures.
        DataError: too few pictures.
        OptionError: the network or the teacher does not fit, or `last` is none of the three or
            given for a network that is binary.
    """
    _check_folder(out, resume)
    network, loaded, guide, options = _begun(path, data, options, teacher, last)
    header = _header(path, teacher, loaded, options, last, data)
    log_path, unfinished = out / log.FILE_NAME, out / UNFINISHED
    progress = _unfinished(unfinished, log_path, header, network, options) if resume else None
    for one in (network, guide):
        if one is not None:
            one.to(device)
    pictures = Pictures(data, options, channels_last=True)
    before = pictures.losses(network).score()
    if not math.isfinite(before.loss):
        raise CheckpointError(f"{path}: expected a finite loss, found {before.loss}")
    screen = console if console is not None else Console(stderr=True)
    if progress is None:
        _start_log(log_path, header, device)
    else:
        log.cut_back(log_path, progress.layers, "number")
        log.append(log_path, "resume", {"number": progress.layers, **log.surroundings(device)})
    _say(screen, f"before: {_score(before)}")

    def report(result: LayerResult, now: Progress) -> None:
        log.append(log_path, "layer", dataclasses.asdict(result))
        _save(unfinished, now.state, dataclasses.replace(loaded, **_as_entries(now)))
        _say(screen, _shown(result))

    refine(network, pictures, options, teacher=guide, on_layer=report, progress=progress)
    head = refit_head(network, pictures, guide, seed=options.seed)
    if head is not None:
        log.append(log_path, "head", dataclasses.asdict(head))
        _say(screen, f"{head.layer}: loss {head.loss:.4f}, {'kept' if head.kept else 'put back'}")
    after = pictures.losses(network).score()
    _say(screen, f"after: {_score(after)}")
    _save(out / checkpoint.FILE_NAME, network.state_dict(), loaded)
    test = None if data.test is None else evaluate(network, data.test, data.preprocessing)
    end = {"before": before, "after": after, "test": test}
    log.append(log_path, "end", {k: dataclasses.asdict(v) for k, v in end.items() if v is not None})
    unfinished.unlink(missing_ok=True)
    if test is not None:
        _say(screen, f"test: {_score(test)}")
    return RefineResult(out / checkpoint.FILE_NAME, before, after, test)


def _begun(
    path: Path, data: DataSet, options: RefineOptions, teacher: Path | None, last: str | None
) -> tuple[nn.Module, Checkpoint, nn.Module | None, RefineOptions]:
    network, loaded, guide = _student(
        path, None if teacher is None else load_teacher(teacher, data), last
    )
    if loaded.classes != data.classes:
        raise CheckpointError(
            f"{path}: expected a network for the {len(data.classes)} classes of the data, "
            f"found {len(loaded.classes)} classes or other names"
        )
    if loaded.options["weights"] == "float32":
        loaded = _binary(loaded, last)
        options = dataclasses.replace(options, keep="all")
    check_teacher(network, _sites(network), guide)  # before the log begins
    return network, loaded, guide, options


def _student(
    path: Path, guide: nn.Module | None, last: str | None
) -> tuple[nn.Module, Checkpoint, nn.Module | None]:
    network, loaded = load_network(path)
    options = check_options(loaded.network, loaded.options)
    if options["activations"] != "hwgq":
        raise OptionError(
            f"{path}: expected a network with activations 'hwgq', found {options['activations']!r}"
        )
    loaded = dataclasses.replace(loaded, options=options)
    if options["weights"] == "float32":
        guide = network if guide is None else guide
        network = build(loaded.network, **_binary_options(options, last)).eval()
        network.load_state_dict(dict(loaded.model))
    elif last is not None:
        raise OptionError(f"{path}: expected real weights for refine last, found binary ones")
    return network, loaded, guide


def _sites(network: nn.Module) -> list[Site]:
    return [
        Site(name, layer)
        for name, layer in network.named_modules()
        if isinstance(layer, BinaryConv2d | BinaryLinear)
    ]


def _binary_options(options: Mapping[str, Any], last: str | None) -> dict[str, Any]:
    return {**options, "weights": "binary", **({} if last is None else {"last": last})}


def _binary(loaded: Checkpoint, last: str | None) -> Checkpoint:
    recipe = {name: dict(section) for name, section in loaded.recipe.items()}
    recipe["network"] = _binary_options(recipe["network"], last)
    del recipe["network"]["weights"]
    return dataclasses.replace(loaded, options=_binary_options(loaded.options, last), recipe=recipe)


def _check_folder(out: Path, resume: bool) -> None:
    done, unfinished = out / checkpoint.FILE_NAME, out / UNFINISHED
    if os.path.exists(unfinished):
        if not resume:
            raise CheckpointError(
                f"{unfinished}: expected no earlier run, found one; use --resume or another folder"
            )
    elif os.path.exists(done):
        raise CheckpointError(f"{done}: expected no earlier run, found one; use another folder")


def _header(
    path: Path,
    teacher: Path | None,
    loaded: Checkpoint,
    options: RefineOptions,
    last: str | None,
    data: DataSet,
) -> dict[str, object]:
    return {
        "refines": origin(path),
        "teacher": None if teacher is None else origin(teacher),
        "network": loaded.network,
        "network_options": dict(loaded.options),
        "options": {**dataclasses.asdict(options), **({} if last is None else {"last": last})},
        "pictures": {
            "train": len(data.train),
            "holdout": len(data.holdout) if data.holdout is not None else 0,
        },
    }


def _unfinished(
    path: Path,
    log_path: Path,
    header: Mapping[str, object],
    network: nn.Module,
    options: RefineOptions,
) -> Progress:
    """How far the update of that network is whose log begins with the same header."""
    kept = load_checkpoint(path)
    found = log.header_of(log_path)
    for key, expected in header.items():
        if _content(found.get(key)) != _content(expected):
            raise CheckpointError(
                f"{log_path}: expected an update with {key} {_content(expected)}, "
                f"found {_content(found.get(key))}"
            )
    checkpoint.check_fit(network, kept, path)
    layers = options.rounds * len(_sites(network))
    if kept.step > layers:
        raise damaged(path, "step", f"at most {layers}, the layers", kept.step)
    try:
        torch.Generator().set_state(kept.data_rng)
    except RuntimeError:
        raise damaged(path, "data_rng", "the state of a generator", kept.data_rng) from None
    return Progress(kept.step, kept.model, kept.data_rng)


def _content(entry: object) -> object:
    """What decides: of a file, its hash and not its path."""
    if isinstance(entry, Mapping) and "sha256" in entry:
        return entry["sha256"]
    return entry


def _as_entries(progress: Progress) -> dict[str, Any]:
    return {"step": progress.layers, "data_rng": progress.generator}


def _start_log(log_path: Path, header: Mapping[str, object], device: torch.device) -> None:
    try:
        log_path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(f"{log_path.parent}: cannot write there: {error}") from None
    log.start_log(log_path, {**header, **log.surroundings(device)})


def _save(target: Path, state: Mapping[str, Tensor], loaded: Checkpoint) -> None:
    model = {name: value.cpu() for name, value in state.items()}
    # What the optimiser remembers is of the weights that were.
    optimizer = {**loaded.optimizer, "state": {}}
    save_checkpoint(target, dataclasses.replace(loaded, model=model, raw=None, optimizer=optimizer))


def _score(score: Score) -> str:
    return f"loss {score.loss:.4f}, accuracy {score.accuracy:.2%}"


def _say(screen: Console, line: str) -> None:
    screen.print(line, markup=False, highlight=False, soft_wrap=True)


def _shown(result: LayerResult) -> str:
    verdict = "kept" if result.kept else "put back"
    return (
        f"{result.layer}: {result.flips} of {result.weights} signs, gain {result.gain:+.1%}, "
        f"loss {result.loss:.4f}, {verdict}, {result.seconds:.1f} s"
    )
