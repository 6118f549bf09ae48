"""How a run is done: what `fit` takes beside recipe, data, folder, network and teacher."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import torch
from rich.console import Console

from edgebin.errors import suggestion
from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.data.tensors import TorchData
from edgebin.train.results import EpochResult, StepResult


@dataclass(frozen=True, slots=True, kw_only=True)
class FitOptions:
    """Options of `fit`; each is also a keyword of it.

    Attributes:
        device: where to compute: "cpu", "cuda", "cuda:1" or a torch.device.
        init: checkpoint to start from: its weights, by name and shape, and nothing else of it.
            It may be left out where a run is resumed, and is else compared with the log.
        resume: continue from `out`/checkpoint.pt.
        console: where progress goes: a bar on a terminal, else plain lines; standard error by
            default, in a notebook below the cell. `Console(quiet=True)` shows nothing.
        on_epoch: called after each epoch, when its checkpoint is on the disk.
        on_step: called about every tenth step with the means of the epoch so far.
        classes: names of the classes, where data is a torch Dataset or DataLoader; this and what
            follows as in `tensor_data`.
        holdout: images to score after each epoch.
        test: images to score once, at the end.
        preprocessing: how an image file becomes the network's input.
    """

    device: str | torch.device = "cpu"
    init: str | Path | None = None
    resume: bool = False
    console: Console | None = None
    on_epoch: Callable[[EpochResult], None] | None = None
    on_step: Callable[[StepResult], None] | None = None
    classes: Sequence[str] | None = None
    holdout: TorchData | None = None
    test: TorchData | None = None
    preprocessing: Preprocessing | None = None


class FitKeywords(TypedDict, total=False):
    """The fields of FitOptions as keywords of `fit`."""

    device: str | torch.device
    init: str | Path | None
    resume: bool
    console: Console | None
    on_epoch: Callable[[EpochResult], None] | None
    on_step: Callable[[StepResult], None] | None
    classes: Sequence[str] | None
    holdout: TorchData | None
    test: TorchData | None
    preprocessing: Preprocessing | None


def with_keywords(options: FitOptions | None, keywords: Mapping[str, Any]) -> FitOptions:
    """Return the options with those fields replaced that are given as keywords.

    Raises:
        TypeError: a keyword is no field.
    """
    known = [field.name for field in dataclasses.fields(FitOptions)]
    for name in keywords:
        if name not in known:
            hint = suggestion(name, [*known, "network", "teacher", "options"])
            raise TypeError(f"fit() got an unexpected keyword argument {name!r}{hint}")
    return dataclasses.replace(options or FitOptions(), **keywords)
