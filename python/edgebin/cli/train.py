"""`edgebin train`: trains a network as a recipe says, in a folder that can be resumed.

It turns options into a call of `edgebin.train.fit`. Where torchrun starts several processes, each
runs it and the first alone prints. PyTorch is imported when the command runs, so that the other
commands work without it, and after the first line, for it takes seconds.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from edgebin.cli.terminal.interrupt import when_interrupted
from edgebin.cli.terminal.plain import plain
from edgebin.cli.usage.arguments import DeviceOption, completion
from edgebin.cli.usage.requirements import need_torch, use_threads
from edgebin.errors import EdgebinError
from edgebin.train.recipe.names import shipped_recipes

_FAILED = 2


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            help="Name of a shipped recipe, or a TOML file.",
            autocompletion=completion(shipped_recipes),
        ),
    ],
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder of the data set.")],
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder for checkpoint.pt and log.jsonl.")
    ],
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue from the checkpoint in the folder.")
    ] = False,
    init: Annotated[
        Path | None,
        typer.Option(metavar="CHECKPOINT", help="Checkpoint whose weights the run starts from."),
    ] = None,
    teacher: Annotated[
        Path | None,
        typer.Option(
            metavar="CHECKPOINT",
            help="Checkpoint to learn from, for recipes with a table [distillation].",
        ),
    ] = None,
    device: DeviceOption = "cpu",
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Instead of the recipe's seed.")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(metavar="N", help="Instead of the recipe's epochs; warm-up in proportion."),
    ] = None,
    holdout: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            help="Training images held out, or a share such as 0.1, instead of the recipe's.",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", help="CPU threads, also for decoding images."),
    ] = None,
) -> None:
    """Train a network as a recipe says."""
    when_interrupted(lambda: _saved(out))
    need_torch("train")
    _print_first_line(recipe, data, out, device)
    from edgebin.train.backend.distributed import OtherProcessError, decoding_threads, joined, world
    from edgebin.train.data import open_data
    from edgebin.train.loop import fit
    from edgebin.train.recipe.file import load_recipe, with_overrides

    leads = True
    try:
        with joined(device) as local_device:
            leads = world().leads
            use_threads(threads)
            chosen = with_overrides(load_recipe(recipe), epochs=epochs, seed=seed, holdout=holdout)
            workers = decoding_threads(threads)
            images = open_data(data, chosen, device=local_device, workers=workers)
            result = fit(
                chosen,
                images,
                out,
                device=local_device,
                teacher=teacher,
                init=init,
                resume=resume,
            )
    except OtherProcessError:
        raise typer.Exit(_FAILED) from None
    if leads:
        if result.test is not None and not sys.stdout.isatty():  # else it is seen already
            typer.echo(f"test: {result.test}")
        typer.echo(result.checkpoint)


def _print_first_line(recipe: str, data: Path, out: Path, device: str) -> None:
    """Say what begins, unless it is known to fail: then the error is the only line."""
    there = recipe in shipped_recipes() or os.path.exists(recipe)
    supported = device.partition(":")[0] in ("cpu", "cuda")
    if there and supported and os.path.isdir(data) and _is_first_process():
        typer.echo(plain(f"{recipe} on {data}, into {out}: reading the images"), err=True)


def _is_first_process() -> bool:
    """Of several processes that torchrun starts; known before PyTorch is imported."""
    return os.environ.get("RANK", "0") == "0"


def _saved(out: Path) -> str:
    """Say what a resumed run would start from; of several processes the first alone says it."""
    if not _is_first_process():
        return ""
    if os.path.exists(out / "checkpoint.pt"):
        return "all epochs before this one are saved, continue with the same command and --resume"
    return "no epoch was done and nothing is saved, begin again"


def main() -> None:
    """Run this command alone: `python -m edgebin.cli.train`."""
    try:
        typer.run(train)
    except EdgebinError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
