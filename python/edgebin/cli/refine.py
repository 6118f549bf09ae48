"""`edgebin refine`: the alternating update of a trained network, into a folder of its own.

It turns options into a call of `edgebin.refine.run` and refuses to hold any logic of it.
PyTorch is imported when the command runs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from edgebin.cli.interrupt import when_interrupted
from edgebin.cli.torch_needed import need_torch, use_threads
from edgebin.errors import OptionError


def refine(
    checkpoint: Annotated[
        Path, typer.Argument(help="checkpoint.pt of a trained network, binary or real.")
    ],
    data: Annotated[Path, typer.Option(help="Folder of the data set that it was trained on.")],
    out: Annotated[Path, typer.Option(help="Folder for checkpoint.pt and log.jsonl.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the unfinished update in the folder.")
    ] = False,
    teacher: Annotated[
        Path | None,
        typer.Option(help="Checkpoint of the same shape; the network's own real weights if none."),
    ] = None,
    method: Annotated[str, typer.Option(help="ascend, or bwnh as in the literature.")] = "ascend",
    target: Annotated[
        str, typer.Option(help="What layers should answer: response or layer.")
    ] = "response",
    pictures: Annotated[int, typer.Option(help="Training pictures to measure on.")] = 2000,
    holdout: Annotated[
        int, typer.Option(help="Other training pictures that judge; held-out ones come first.")
    ] = 5000,
    positions: Annotated[int, typer.Option(help="Output positions of a picture, at most.")] = 256,
    rounds: Annotated[int, typer.Option(help="How often to go through the network.")] = 1,
    last: Annotated[
        str | None,
        typer.Option(help="Of a real network's last layer: make it binary, int8 or float32."),
    ] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
) -> None:
    """Better the signs of a trained network, layer by layer.

    A change is best judged by pictures that training held out: `train --holdout 5000`.
    """
    when_interrupted(lambda: _saved(out))
    need_torch("refine")
    import torch

    from edgebin.refine.options import RefineOptions
    from edgebin.refine.run import refine_checkpoint
    from edgebin.train.backend.distributed import joined, world
    from edgebin.train.checkpoint.checkpoint import load_checkpoint
    from edgebin.train.data import open_data
    from edgebin.train.recipe.recipe import parse_recipe

    options = RefineOptions(
        method=method,
        target=target,
        pictures=pictures,
        holdout=holdout,
        positions=positions,
        rounds=rounds,
        seed=seed,
    )
    use_threads(threads)
    recipe = parse_recipe(load_checkpoint(checkpoint).recipe, source=str(checkpoint))
    with joined(device) as place:
        if world().size > 1:
            raise OptionError(f"refine: expected one process, found {world().size}")
        opened = open_data(
            data, recipe, device=place, workers=torch.get_num_threads(), in_memory=False
        )
        result = refine_checkpoint(
            checkpoint,
            opened,
            out,
            options,
            device=place,
            teacher=teacher,
            last=last,
            resume=resume,
        )
    typer.echo(result.checkpoint)


def _saved(out: Path) -> str:
    """What is there to go on from."""
    if os.path.exists(out / "checkpoint.pt"):
        return f"{out / 'checkpoint.pt'} is written, and whole"
    if os.path.exists(out / "unfinished.pt"):
        return "all layers before this one are saved, continue with the same command and --resume"
    return "no layer was done and nothing is saved, begin again"
