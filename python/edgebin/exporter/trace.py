"""Traces a module with torch.export, quietly, and says in one line why it cannot be traced."""

from __future__ import annotations

import contextlib
import inspect
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from edgebin.errors import ExportError, Refusal, first_line
from edgebin.exporter.location import error_location
from edgebin.nn.capturing import capture_operators
from edgebin.nn.padding import PaddingError

_BY_VALUE = (
    "GuardOnDataDependentSymNode",
    "DataDependentOutputException",
    "DynamicOutputShapeException",
)
"""torch's errors for a forward that asks for the numbers in a tensor."""

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def traced(network: nn.Module, examples: tuple[Tensor, ...]) -> torch.export.ExportedProgram:
    """Return the program of a network in evaluation mode for inputs of one shape.

    Args:
        network: as `edgebin.nn.unwrapped.unwrapped` gives it, on the CPU.
        examples: float32; only their shapes matter.

    Raises:
        ExportError: it cannot be traced.
    """
    try:
        with torch.no_grad(), _quiet(), capture_operators():
            return torch.export.export(network, examples, strict=False)
    except PaddingError as error:
        names = [name for name, module in network.named_modules() if module is error.conv]
        refusal = Refusal(names[0] if names else "", error.found, error.works)
        raise ExportError(refusals=[refusal]) from None
    except ExportError:
        raise
    except Exception as error:  # whatever torch and the module's own code raise
        raise ExportError(refusals=[_refusal(error, network, examples)]) from error


def _refusal(error: Exception, network: nn.Module, examples: tuple[Tensor, ...]) -> Refusal:
    module, location = error_location(error, network)
    shapes = " and ".join(str(tuple(example.shape)) for example in examples)
    found = (
        f"a {type(network).__name__} that torch.export cannot trace on {shapes}: "
        f"{first_line(error)}"
    )
    works = ""
    needed = _required_inputs(network)
    if len(needed) > len(examples) or not needed:
        one = len(examples) == 1
        found = f"inputs {', '.join(needed) or 'none'}"
        works = "one input, the images" if one else f"{len(examples)} inputs, as in the example"
    elif _is_by_value(error):
        found = "Python that depends on the values of a tensor, which torch.export does not record"
        works = "conditions on shapes only, or the same calls for every image"
    return Refusal(module, found, works, "", location.file, location.line)


def _required_inputs(network: nn.Module) -> list[str]:
    """Return the names of the inputs that a forward cannot do without; the first counts always."""
    parameters = list(inspect.signature(network.forward).parameters.values())
    return [
        parameter.name
        for index, parameter in enumerate(parameters)
        if index == 0 or (parameter.default is parameter.empty and parameter.kind not in _VARIADIC)
    ]


def _is_by_value(error: BaseException) -> bool:
    causes = [error, error.__cause__, error.__context__]
    kinds = {type(cause).__name__ for cause in causes if cause is not None}
    return not kinds.isdisjoint(_BY_VALUE) or "data-dependent" in str(error)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the notices of torch's tracers off the terminal: what matters is raised."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
