"""`edgebin export`: writes a checkpoint, or an untrained network, as an `.ebn` file.

It turns options into a call of `edgebin.exporter`. PyTorch is imported when the command runs, so
that the other commands work without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgebin.cli.terminal.interrupt import when_interrupted_of
from edgebin.cli.usage.numbers import positive_number, whole_number
from edgebin.cli.usage.requirements import need_torch
from edgebin.errors import OptionError

if TYPE_CHECKING:
    from edgebin.exporter import EndWeights
    from edgebin.exporter.sources import Source

_KINDS = ("int8", "float32", "binary")


def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The .ebn file to write.")
    ],
    checkpoint: Annotated[
        Path | None,
        typer.Argument(metavar="CHECKPOINT", help="checkpoint.pt of a training run."),
    ] = None,
    arch: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Instead: an untrained network, for benchmarks."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--seed", 0, 2**63 - 1),
            help="Seed of the untrained network; 0 by default.",
        ),
    ] = None,
    classes: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--classes", 1, 100_000),
            help="Classes of the untrained network.",
        ),
    ] = None,
    input_size: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--input-size", 1, 4096),
            help="Side of the untrained network's image, in pixels.",
        ),
    ] = None,
    width: Annotated[
        float | None,
        typer.Option(
            metavar="FACTOR",
            parser=positive_number("--width", 16),
            help="Factor of the untrained network's channels.",
        ),
    ] = None,
    first: Annotated[
        str,
        typer.Option(
            metavar="WEIGHTS",
            help="First layer: int8 rounds float32 weights, float32 keeps them; binary too for an "
            "untrained network.",
        ),
    ] = "int8",
    last: Annotated[
        str, typer.Option(metavar="WEIGHTS", help="Last layer, with the same choices.")
    ] = "int8",
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the model inside the file.")
    ] = None,
    self_test: Annotated[
        bool,
        typer.Option(
            help="Write what `edgebin verify` compares: a hash for each layer and image.",
            show_default=False,
        ),
    ] = True,
) -> None:
    """Write a trained (or an untrained) network as an .ebn file."""
    when_interrupted_of(output)
    need_torch("export")
    if (checkpoint is None) == (arch is None):
        found = "neither" if checkpoint is None else "both"
        raise OptionError(f"export: expected either a checkpoint or --arch, found {found}")
    for option, value in (("--first", first), ("--last", last)):
        kinds = _KINDS if arch is not None else _KINDS[:2]
        if value not in kinds:
            raise OptionError(f"{option}: expected one of {', '.join(kinds)}, found {value!r}")
    given = {"num_classes": classes, "input_size": input_size, "width": width}
    options = {key: value for key, value in given.items() if value is not None}
    if checkpoint is not None:
        if options or seed is not None:
            raise OptionError("--classes, --input-size, --width, --seed: expected only with --arch")
        from edgebin.exporter.sources import from_checkpoint

        _write(from_checkpoint(checkpoint), output, first, last, name, self_test)
    elif arch is not None:
        from edgebin.exporter.sources import untrained

        source = untrained(arch, seed or 0, first=first, last=last, **options)
        _write(source, output, first, last, name, self_test)


def _write(
    source: Source, output: Path, first: str, last: str, name: str | None, self_test: bool
) -> None:
    from edgebin.exporter import export as write_network

    network = write_network(
        source.model,
        source.example,
        output,
        labels=source.labels,
        preprocessing=source.preprocessing,
        name=name or source.name,
        first=_weights(first),
        last=_weights(last),
        self_test=self_test,
    )
    for end, kind, requested in (("first", source.first, first), ("last", source.last, last)):
        if kind == "float32" and requested == "int8":
            typer.echo(f"{end} layer: float32 weights rounded to int8; --{end} float32 keeps them")
    test = f"fingerprint of {len(network.self_test)} images" if self_test else "no fingerprint"
    typer.echo(f"{output}: {output.stat().st_size} bytes, {test}")


def _weights(kind: str) -> EndWeights:
    """Return what to do with float32 weights: they are kept only where float32 was requested."""
    return "float32" if kind == "float32" else "int8"
