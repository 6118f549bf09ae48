"""A recipe as text for images in folders, and runs that say nothing: seconds of training."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from edgebin.train.data.source import DataSet
from edgebin.train.data.tensors import TorchData
from edgebin.train.loop import fit
from edgebin.train.recipe.recipe import Recipe

_FOLDER = """
[data]
kind = "folder"
mean = [0.5, 0.5, 0.5]
std = [0.25, 0.25, 0.25]
input_size = 8
resize = 10
[optimizer]
name = "sgd"
lr = 0.05
[schedule]
epochs = 1
batch_size = 4
kind = "linear"
[run]
"""


def folder_recipe(*network: str, run: str = "") -> str:
    """One epoch of VGG-small on 8x8 images, with these lines in [network] and [run]."""
    return "\n".join(["[network]", 'name = "vgg_small"', *network]) + _FOLDER + run + "\n"


def quiet_run(
    recipe: Recipe, data: DataSet | TorchData, out: Path, **more: Any
) -> list[dict[str, Any]]:
    """The lines of the log of a whole run on the CPU, or of what was left of it."""
    console = Console(file=io.StringIO())
    fit(recipe, data, out, device=torch.device("cpu"), console=console, **more)
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def stop_after_two(result: Any) -> None:
    """Interrupts a run, as Ctrl-C does, when its second epoch is done."""
    if result.epoch == 2:
        raise KeyboardInterrupt
