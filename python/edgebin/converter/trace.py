"""Traces a copy of a module into a torch.fx graph with the shape of each value.

Layers of torch.nn and of edgebin.nn stay single calls; everything else is taken apart. Conditions
on shapes are evaluated (`shape_conditions.py`). What torch.fx cannot follow, such as control flow
that depends on the image, is an ExportError of one line.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.fx import GraphModule, Interpreter, Node

from edgebin.converter.shape_conditions import Shapes, ShapeTracer
from edgebin.errors import ExportError, OptionError, first_line
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.copied import copied
from edgebin.nn.hwgq import HWGQ
from edgebin.nn.int8 import Int8Conv2d, Int8Linear

OURS = (BinaryConv2d, BinaryLinear, Int8Conv2d, Int8Linear, HWGQ)
SHAPE = "shape"
"""Key of a node's `meta`: the shape of its value on a batch, where that is one tensor."""


class _Layers(ShapeTracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, OURS) or super().is_leaf_module(m, module_qualified_name)

    def create_args_for_root(
        self,
        root_fn: Callable[..., Any],
        is_module: bool,  # noqa: ARG002
        concrete_args: dict[str, Any] | tuple[Any, ...] | None = None,  # noqa: ARG002
    ) -> tuple[Callable[..., Any], list[Any]]:
        """Pass the images alone, so that all other arguments get their defaults.

        torch.fx would give each a value of its own, of which no "is None" is ever true.
        """
        name = list(inspect.signature(root_fn).parameters)[1]
        return root_fn, [self.root, self.create_proxy("placeholder", name, (), {})]


def check_runs(model: nn.Module, batch: Tensor) -> None:
    """Raise an error if the model does not take such images, and them alone.

    Raises:
        ExportError: it takes more than the images.
        OptionError: it fails on them.
    """
    _check_signature(inspect.signature(type(model).forward), type(model).__name__)
    try:
        with torch.no_grad():
            model(batch.clone())  # which it may change
    except Exception as error:  # whatever its own code raises
        raise OptionError(
            f"images: expected what the network takes, found {tuple(batch.shape[1:])}: "
            f"{first_line(error)}"
        ) from error


def trace(model: nn.Module, batch: Tensor) -> GraphModule:
    """Return the graph of a copy of the model, with the same names of modules.

    Args:
        model: in evaluation mode.
        batch: images, of which only the shape matters.

    Raises:
        ExportError: torch.fx cannot trace it.
    """
    copy, kind = copied(model), type(model).__name__
    try:
        tracer = _Layers()
        tracer.shapes = Shapes(model, batch)
        return GraphModule(copy, tracer.trace(copy), kind)
    except ExportError:
        raise
    except Exception as error:  # whatever the module's own code raises on a proxy
        raise ExportError(
            f"{kind}: expected a module that torch.fx can trace, found: {first_line(error)}"
        ) from error


def _check_signature(signature: inspect.Signature, kind: str) -> None:
    try:
        signature.bind(None, None)  # self and the images
    except TypeError:
        needed = [
            name
            for name, argument in list(signature.parameters.items())[1:]
            if argument.default is argument.empty
        ]
        names = ", ".join(needed) or "none"
        raise ExportError(f"{kind}: expected one input, the images, found {names}") from None


class _Shapes(Interpreter):
    def run_node(self, n: Node) -> object:
        value: object = super().run_node(n)
        if isinstance(value, Tensor):
            n.meta[SHAPE] = tuple(value.shape)
        return value


def record_shapes(graph: GraphModule, batch: Tensor) -> None:
    """Run a batch and write the shape of each value into its node's `meta`."""
    runner = _Shapes(graph)
    runner.extra_traceback = False
    runner.run(batch.clone())  # which the network may change


def shape_of(node: Node) -> tuple[int, ...]:
    """Return the shape that `record_shapes` saw; empty if the value is no tensor."""
    shape: tuple[int, ...] = node.meta.get(SHAPE, ())
    return shape
