"""Which network a run trains: one that the recipe names, or one of the user's own.

The user's own is tried on a black image first, so that what does not fit the data set or a
checkpoint is found before the log begins.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from edgebin.errors import ExportError, OptionError, RecipeError, first_line
from edgebin.exporter import check_export
from edgebin.nn.networks import Option, build, check_options
from edgebin.train.checkpoint.entries import is_dense, is_finite
from edgebin.train.data.source import DataSet
from edgebin.train.recipe.recipe import Recipe


def network_of(
    recipe: Recipe, data: DataSet, network: nn.Module | None, *, exportable: bool = False
) -> tuple[nn.Module, Mapping[str, Option]]:
    """Return the network to train and its options; a given one is returned as it is, without any.

    Args:
        recipe: what to do.
        data: its classes and the size of its images.
        network: the user's own, where the recipe names none.
        exportable: refuse one that cannot be exported after training.

    Raises:
        ExportError: everything that export refuses, with `exportable`.
        RecipeError: a table [network] and a network, or neither.
        OptionError: the given network does not fit, or the named one has no such options.
    """
    if recipe.network is None:
        if network is None:
            raise RecipeError(
                f"{recipe.source}: expected a table [network], or fit(network=...) from Python, "
                "found neither"
            )
        _check(network, data, recipe)
        if exportable:
            _check_export(network, data)
        return network, {}
    if network is not None:
        raise RecipeError(
            f"{recipe.source}: expected no table [network] beside fit(network=...), found one"
        )
    options = check_options(
        recipe.network.name,
        {
            **recipe.network.options,
            "num_classes": len(data.classes),
            "input_size": data.preprocessing.input_size,
        },
    )
    return build(recipe.network.name, **options), options


def moved(network: nn.Module, recipe: Recipe, device: torch.device) -> nn.Module:
    """Move a network to the device and into the recipe's memory layout; return it."""
    network.to(device)
    if recipe.run.channels_last:
        # torch's stubs know `to(memory_format=...)` for tensors only.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def check_logits(
    network: nn.Module, data: DataSet, name: str, *, channels_last: bool = False
) -> None:
    """Run a black image through a network in eval mode, and restore its mode afterwards.

    Args:
        network: on any device.
        data: its classes and the size of its images.
        name: what the message calls the network.
        channels_last: memory layout of the image.

    Raises:
        OptionError: the network fails, or returns anything but a logit for each class.
    """
    side, classes = data.preprocessing.input_size, len(data.classes)
    expected = f"{name}: expected logits (1, {classes}) for images (1, 3, {side}, {side})"
    parameter = next(network.parameters(), torch.empty(0))
    layout = torch.channels_last if channels_last else torch.contiguous_format
    black = torch.zeros(1, 3, side, side, device=parameter.device)
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            logits = network(black.to(memory_format=layout))
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        raise OptionError(f"{expected}, found: {first_line(error)}") from error
    finally:
        network.train(was_training)
    found = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
    if found != (1, classes):
        raise OptionError(f"{expected}, found {found}")


def _check(network: nn.Module, data: DataSet, recipe: Recipe) -> None:
    if isinstance(network, torch.jit.ScriptModule):
        raise OptionError(
            "network: expected a Python module, found a TorchScript program; what works: "
            "edgebin.convert(program, images).network, or the module that it was made from"
        )
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise OptionError("network: expected parameters to train, found none")
    for name, value in network.state_dict().items():
        if not is_dense(value):
            found = getattr(value, "layout", type(value).__name__)
            raise OptionError(f"network: {name}: expected a dense tensor, found {found}")
        if not is_finite(value):
            raise OptionError(f"network: {name}: expected finite numbers, found others")
    check_logits(network, data, "network", channels_last=recipe.run.channels_last)


def _check_export(network: nn.Module, data: DataSet) -> None:
    side = data.preprocessing.input_size
    with torch.random.fork_rng(devices=[]):  # the run's numbers are the same with and without it
        refusals = check_export(network, torch.zeros(1, 3, side, side))
    if refusals:
        raise ExportError(refusals=refusals)
