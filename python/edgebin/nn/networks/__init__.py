"""Networks by name: the list that recipes, checkpoints and the command line choose from.

To add a network, write its file and add a line to NETWORKS. Its options are its keyword arguments,
of type int or float and with a default, and those of `Style`, so that a checkpoint can rebuild it
from plain data.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from torch import nn

from edgebin.errors import OptionError, suggestion
from edgebin.nn.networks.alexnet import alexnet
from edgebin.nn.networks.parts import Style
from edgebin.nn.networks.resnet import resnet18, resnet20
from edgebin.nn.networks.vgg_small import vgg_small

Option = bool | int | float | str

NETWORKS: Mapping[str, Callable[..., nn.Module]] = MappingProxyType(
    {
        "vgg_small": vgg_small,
        "resnet20": resnet20,
        "resnet18": resnet18,
        "alexnet": alexnet,
    }
)

__all__ = ["NETWORKS", "Option", "build", "check_options"]

_LARGEST = 2**31 - 1  # of what counts classes, pixels or channels
_LARGEST_WIDTH = 16.0  # of the network of the paper; far beyond it tensors have no size

_STYLE: Mapping[str, Option] = MappingProxyType(dataclasses.asdict(Style()))


def check_options(name: str, options: Mapping[str, object]) -> dict[str, Option]:
    """Return the options of a network, completed with its defaults.

    Args:
        name: key of NETWORKS.
        options: any of num_classes, input_size (side of the image in pixels), width (factor of
            the channels) and the attributes of `Style`.

    Returns:
        Every option of that network as plain data.

    Raises:
        OptionError: unknown name or option, a value of another type, a number not above 0, an
            unknown choice, or a width above 16.
    """
    if name not in NETWORKS:
        raise OptionError(
            f"network: expected one of {', '.join(NETWORKS)}, found {name!r}"
            f"{suggestion(name, NETWORKS)}"
        )
    full: dict[str, Option] = {
        key: parameter.default
        for key, parameter in inspect.signature(NETWORKS[name]).parameters.items()
        if key != "style"
    }
    full |= _STYLE
    for key, value in options.items():
        if key not in full:
            raise OptionError(f"{name} option: expected one of {', '.join(full)}, found {key!r}")
        full[key] = _checked(f"{name} {key}", type(full[key]), value)
    width = full["width"]
    if isinstance(width, float) and width > _LARGEST_WIDTH:
        raise OptionError(f"{name} width: expected at most {_LARGEST_WIDTH:g}, found {width!r}")
    _style(full)
    return full


def _style(options: Mapping[str, Any]) -> Style:
    return Style(**{key: options[key] for key in _STYLE})


def _checked(label: str, kind: type, value: object) -> Option:
    if type(value) is int and value > _LARGEST:  # also before it would be no float
        raise OptionError(f"{label}: expected at most {_LARGEST}, found a larger number")
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise OptionError(f"{label}: expected {kind.__name__}, found {value!r}")
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 < value < math.inf:
            raise OptionError(f"{label}: expected a number above 0, found {value!r}")
        return value
    assert isinstance(value, bool | str)
    return value


def build(name: str, **options: object) -> nn.Module:
    """Return a freshly initialised network; options as in `check_options`.

    Raises:
        OptionError: unknown name or option, or an impossible value.
    """
    full = check_options(name, options)
    sizes = {key: value for key, value in full.items() if key not in _STYLE}
    return NETWORKS[name](style=_style(full), **sizes)
