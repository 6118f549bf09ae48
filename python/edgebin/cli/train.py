"""`edgebin train`: trains a network as a recipe says, in a folder that can be resumed.

It turns options into a call of `edgebin.train.loop.fit` and refuses to hold any training logic.
Where torchrun starts several processes, each runs it and the first alone speaks. PyTorch is
imported when the command runs, so that the other commands work without it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from edgebin.cli.terminal.interrupt import when_interrupted
from edgebin.cli.usage.requirements import need_torch, use_threads
from edgebin.errors import EdgebinError

_FAILED = 2


def train(
    recipe: Annotated[
        str,
        typer.Argument(metavar="RECIPE", help="Name of a shipped recipe, or a TOML file."),
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
    device: Annotated[str, typer.Option(metavar="NAME", help="cpu or cuda.")] = "cpu",
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Instead of the recipe's seed.")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(metavar="N", help="Instead of the recipe's epochs; warm-up in proportion."),
    ] = None,
    holdout: Annotated[
        int | None,
        typer.Option(metavar="N", help="Training images held out, instead of the recipe's."),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", help="CPU threads, also for decoding images."),
    ] = None,
) -> None:
    """Train a network as a recipe says."""
    when_interrupted(lambda: _saved(out))
    need_torch("train")
    from edgebin.train.backend.distributed import OtherProcessError, decoding_threads, joined, world
    from edgebin.train.data import open_data
    from edgebin.train.distillation import load_teacher
    from edgebin.train.loop import fit
    from edgebin.train.recipe.file import load_recipe, with_overrides

    leads = True
    try:
        with joined(device) as place:
            leads = world().leads
            use_threads(threads)
            chosen = with_overrides(load_recipe(recipe), epochs=epochs, seed=seed, holdout=holdout)
            workers = decoding_threads(threads)
            images = open_data(data, chosen, device=place, workers=workers)
            master = load_teacher(teacher, images) if teacher is not None else None
            result = fit(
                chosen, images, out, device=place, teacher=master, init=init, resume=resume
            )
    except OtherProcessError:
        raise typer.Exit(_FAILED) from None
    if leads:
        typer.echo(result.checkpoint)


def _saved(out: Path) -> str:
    """What is there to go on from; of several processes the first alone says it."""
    if os.environ.get("RANK", "0") != "0":
        return ""
    if os.path.exists(out / "checkpoint.pt"):
        return "all epochs before this one are saved, continue with the same command and --resume"
    return "no epoch was done and nothing is saved, begin again"


def main() -> None:
    """Runs this command alone: `python -m edgebin.cli.train`."""
    try:
        typer.run(train)
    except EdgebinError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
