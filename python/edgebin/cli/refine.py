"""`edgebin refine`: the alternating update of a trained network, into a folder of its own.

It turns options into a call of `edgebin.refine.run`. PyTorch is imported when the command runs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from edgebin.cli.terminal.interrupt import when_interrupted
from edgebin.cli.usage.arguments import DeviceOption
from edgebin.cli.usage.old_options import old_option
from edgebin.cli.usage.requirements import need_torch, use_threads
from edgebin.errors import OptionError


def refine(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            metavar="CHECKPOINT",
            help="checkpoint.pt of a trained network, with binary or float weights.",
        ),
    ],
    data: Annotated[
        Path,
        typer.Option(metavar="FOLDER", help="Folder of the data set that it was trained on."),
    ],
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder for checkpoint.pt and log.jsonl.")
    ],
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the unfinished refine run in the folder.")
    ] = False,
    teacher: Annotated[
        Path | None,
        typer.Option(
            metavar="CHECKPOINT",
            help="Network of the same shape; by default the checkpoint's own latent weights.",
        ),
    ] = None,
    method: Annotated[
        str, typer.Option(metavar="NAME", help="ascend, or bwnh as in the literature.")
    ] = "ascend",
    target: Annotated[
        str, typer.Option(metavar="NAME", help="Target of a layer: response or layer.")
    ] = "response",
    images: Annotated[int, typer.Option(metavar="N", help="Training images to measure on.")] = 2000,
    holdout: Annotated[
        int, typer.Option(metavar="N", help="Other training images to judge by.")
    ] = 5000,
    positions: Annotated[
        int, typer.Option(metavar="N", help="At most this many output positions of an image.")
    ] = 256,
    rounds: Annotated[int, typer.Option(metavar="N", help="Passes through the network.")] = 1,
    last: Annotated[
        str | None,
        typer.Option(
            metavar="WEIGHTS",
            help="Last layer of a float network: binary, int8 or float32.",
        ),
    ] = None,
    device: DeviceOption = "cpu",
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the random choices.")] = 0,
    threads: Annotated[int | None, typer.Option(metavar="N", help="CPU threads.")] = None,
    pictures: Annotated[int | None, old_option("--pictures", "--images")] = None,
) -> None:
    """Refine the signs of a trained network, layer by layer.

    New signs are judged by training images that they were not computed from, best by images that
    training held out: `train --holdout 5000`.
    """
    when_interrupted(lambda: _saved(out))
    need_torch("refine")
    from edgebin.refine.options import RefineOptions
    from edgebin.refine.run import refine_checkpoint
    from edgebin.train.backend.distributed import joined, world

    options = RefineOptions(
        method=method,
        target=target,
        images=images if pictures is None else pictures,
        holdout=holdout,
        positions=positions,
        rounds=rounds,
        seed=seed,
    )
    use_threads(threads)
    with joined(device) as place:
        if world().size > 1:
            raise OptionError(f"refine: expected one process, found {world().size}")
        result = refine_checkpoint(
            checkpoint,
            data,
            out,
            options,
            device=place,
            teacher=teacher,
            last=last,
            resume=resume,
        )
    if result.test is not None and not sys.stdout.isatty():  # else it is seen already
        typer.echo(f"test: {result.test}")
    typer.echo(result.checkpoint)


def _saved(out: Path) -> str:
    """What is there to go on from."""
    if os.path.exists(out / "checkpoint.pt"):
        return f"{out / 'checkpoint.pt'} is written, and whole"
    if os.path.exists(out / "unfinished.pt"):
        return "all layers before this one are saved, continue with the same command and --resume"
    return "no layer was done and nothing is saved, begin again"
