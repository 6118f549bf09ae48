"""The options of `fit` as one object, for what carries them on."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from rich.console import Console

from edgebin.errors import suggestion
from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.data.tensors import TorchData
from edgebin.train.results import EpochResult, StepResult

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class FitOptions:
    """Options of `fit`, which describes them: each is a keyword of the same name and default."""

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
    exportable: bool = True


def takes_options(function: Function) -> Function:
    """Decorate a function so that the fields of its argument `options` become its keywords.

    Keywords that are given go before the fields. One that the function does not have is a
    TypeError that names the closest.
    """
    known = list(inspect.signature(function).parameters)

    @functools.wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        for name in keywords:
            if name not in known:
                raise TypeError(
                    f"{function.__name__}() got an unexpected keyword argument {name!r}"
                    f"{suggestion(name, known)}"
                )
        options = keywords.pop("options", None)
        if options is not None:
            fields = dataclasses.fields(options)
            keywords = {field.name: getattr(options, field.name) for field in fields} | keywords
        return function(*args, **keywords)

    return cast("Function", call)
