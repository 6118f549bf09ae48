"""Turns a TorchScript program into a plain network of the same layers.

`walk` runs the program on an example, call by call, and evaluates what does not depend on the
image; `layers` makes a torch.fx graph of the rest.

Before:  aten::conv2d of an image-dependent value and "stem.weight"    After:  nn.Conv2d "stem"
Before:  if x.shape[2] > 4: ...                                        After:  the branch taken
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from edgebin.errors import ExportError, first_line
from edgebin.nn.script.layers import Layers
from edgebin.nn.script.walk import Walk

_TOLERANCE = 1e-4
"""Of the largest output, in float32."""


def without_script(model: nn.Module, example: Tensor) -> nn.Module:
    """Return a network of torch.nn layers that computes what a TorchScript program computes.

    Args:
        model: of `torch.jit.script`, `trace` or `load`, not changed; any other module is returned
            as it is.
        example: float (N, C, H, W); only its shape matters. Conditions are evaluated for it.

    Returns:
        On the CPU, in float32 and in the mode of the program. Parameters and layers have the names
        that they have in the program.

    Raises:
        ExportError: the program fails on the example, takes a way that depends on the values of an
            image, or uses what has no equal in Python.
    """
    if not isinstance(model, torch.jit.ScriptModule):
        return model
    name = str(getattr(model, "original_name", "")) or type(model).__name__
    with torch.no_grad():  # else the copied parameters are no leaves, of which torch warns
        program = copy.deepcopy(model).cpu().float().eval()
    image = torch.rand(example.shape, generator=torch.Generator().manual_seed(0))
    layers = Layers(name)
    try:
        with torch.no_grad():
            result = Walk(program, layers).run(image.clone())
            expected = program(image.clone())
    except ExportError:
        raise
    except Exception as error:  # whatever the program raises
        raise ExportError(
            f"{name}: expected a TorchScript program of images {tuple(example.shape)}, found: "
            f"{first_line(error)}"
        ) from error
    network = layers.network(result)
    with torch.no_grad():
        _check_equal(name, network.eval()(image.clone()), expected)
    return network.train(getattr(model, "training", False))  # a frozen program has no mode


def _check_equal(name: str, found: object, expected: object) -> None:
    pairs = list(zip(_tensors(found), _tensors(expected), strict=True))
    for one, other in pairs:
        bound = _TOLERANCE * max(1.0, float(other.abs().max()))
        if one.shape != other.shape or not float((one - other).abs().max()) <= bound:
            raise ExportError(
                f"{name}: expected a network that computes what the TorchScript program computes, "
                "found another; what works: the Python module that it was made from, with "
                "model.load_state_dict(program.state_dict())"
            )


def _tensors(value: object) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    return [tensor for part in parts for tensor in _tensors(part)]  # type: ignore[attr-defined]
