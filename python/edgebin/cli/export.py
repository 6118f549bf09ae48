"""`edgebin export`: writes a checkpoint, weights or an untrained network as an `.ebn` file.

It turns options into calls of `edgebin.sources` and `edgebin.exporter`. PyTorch is imported when
the command runs, so that the other commands work without it.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgebin.cli.terminal.interrupt import when_interrupted_of
from edgebin.cli.terminal.plain import plain
from edgebin.cli.usage.arguments import completion
from edgebin.cli.usage.images import Images
from edgebin.cli.usage.numbers import positive_number, whole_number
from edgebin.cli.usage.requirements import need_torch
from edgebin.errors import ExportWarning, OptionError, suggestion

if TYPE_CHECKING:
    from edgebin.exporter import EndWeights
    from edgebin.sources import Source

_KINDS = ("int8", "float32", "binary")


def _kinds() -> tuple[str, ...]:
    return _KINDS


def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The .ebn file to write.")
    ],
    checkpoint: Annotated[
        Path | None,
        typer.Argument(
            metavar="CHECKPOINT",
            help="checkpoint.pt of a training run; with --arch, weights of that network: a state "
            "dict or safetensors.",
        ),
    ] = None,
    arch: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Network of the weights; without a file, an untrained one."
        ),
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
            help="Classes of the network; those of the weights where there are any.",
        ),
    ] = None,
    input_size: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--input-size", 1, 4096),
            help="Side of the network's image, in pixels.",
        ),
    ] = None,
    width: Annotated[
        float | None,
        typer.Option(
            metavar="FACTOR",
            parser=positive_number("--width", 16),
            help="Factor of the network's channels.",
        ),
    ] = None,
    first: Annotated[
        str,
        typer.Option(
            metavar="WEIGHTS",
            autocompletion=completion(_kinds),
            help="First layer: int8 rounds float32 weights, float32 keeps them; with --arch, "
            "binary too.",
        ),
    ] = "int8",
    last: Annotated[
        str,
        typer.Option(
            metavar="WEIGHTS",
            autocompletion=completion(_kinds),
            help="Last layer, with the same choices.",
        ),
    ] = "int8",
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Names of the classes of weights, one a line, in their order."
        ),
    ] = None,
    mean: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBERS",
            help="Mean of the training images of weights, 0 to 1, such as 0.485,0.456,0.406.",
        ),
    ] = None,
    std: Annotated[
        str | None, typer.Option(metavar="NUMBERS", help="Their standard deviation.")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Name of the model inside the file; by default the file's own, without .ebn.",
        ),
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
    if checkpoint is None and arch is None:
        raise OptionError("export: expected a checkpoint, --arch or both, found neither")
    kinds = _KINDS if arch is not None else _KINDS[:2]
    for option, value in (("--first", first), ("--last", last)):
        if value not in kinds:
            raise OptionError(
                f"{option}: expected one of {', '.join(kinds)}, found {value!r}"
                f"{suggestion(value, kinds)}"
            )
    given = {"num_classes": classes, "input_size": input_size, "width": width}
    options = {key: value for key, value in given.items() if value is not None}
    images = Images(labels, mean, std)
    if arch is None and (options or seed is not None):
        raise OptionError("--classes, --input-size, --width, --seed: expected only with --arch")
    if images.are_given and (arch is None or checkpoint is None):
        raise OptionError("--labels, --mean, --std: expected only with weights and --arch")
    if arch is not None and checkpoint is not None and seed is not None:
        raise OptionError("--seed: expected only for an untrained network, found weights too")
    from edgebin import sources

    if arch is None:
        assert checkpoint is not None
        source = sources.from_checkpoint(checkpoint)
    elif checkpoint is None:
        source = sources.untrained(arch, seed or 0, first=first, last=last, **options)
    else:
        rule = images.preprocessing()
        ends = {"first": _trained(first), "last": _trained(last)}
        source = sources.from_weights(checkpoint, arch, rule, **ends, **options)
        source = replace(source, labels=images.names())
    _write(source, output, first, last, name, self_test)


def _write(
    source: Source, output: Path, first: str, last: str, name: str | None, self_test: bool
) -> None:
    from edgebin.exporter import export as write_network

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ExportWarning)
        network = write_network(
            source.model,
            source.example,
            output,
            labels=source.labels,
            preprocessing=source.preprocessing,
            name=name or output.stem,
            first=_weights(first),
            last=_weights(last),
            self_test=self_test,
        )
    for end, kind, requested in (("first", source.first, first), ("last", source.last, last)):
        if kind == "float32" and requested == "int8":
            typer.echo(f"{end} layer: float32 weights rounded to int8; --{end} float32 keeps them")
    for line in str(network).splitlines():
        typer.echo(plain(line))
    for warning in caught:
        if issubclass(warning.category, ExportWarning):
            typer.echo(f"note: {plain(str(warning.message))}", err=True)
    test = f"fingerprint of {len(network.self_test)} images" if self_test else "no fingerprint"
    typer.echo(f"{output}: {output.stat().st_size} bytes, {test}")


def _weights(kind: str) -> EndWeights:
    """Return what to do with float32 weights: they are kept only where float32 was requested."""
    return "float32" if kind == "float32" else "int8"


def _trained(kind: str) -> str:
    """Return the kind of layer that holds weights; of int8 ones too, export rounds the reals."""
    return "binary" if kind == "binary" else "float32"
