"""From a module to a torch.fx graph of a copy of it, with the shape of each value.

Layers of torch.nn and of edgebin.nn are single calls there, everything else is taken apart. It
refuses, in one line, what torch.fx cannot follow: control flow that depends on the picture.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn
from torch.fx import GraphModule, Interpreter, Node, Tracer

from edgebin.errors import ExportError, OptionError, first_line
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.copied import copied
from edgebin.nn.hwgq import HWGQ
from edgebin.nn.int8 import Int8Conv2d, Int8Linear

OURS = (BinaryConv2d, BinaryLinear, Int8Conv2d, Int8Linear, HWGQ)
SHAPE = "shape"
"""Key of a node's `meta`: the shape of its value on a batch, where that is one tensor."""


_REST: Mapping[Any, Callable[[], Any]] = {
    inspect.Parameter.VAR_POSITIONAL: tuple,
    inspect.Parameter.VAR_KEYWORD: dict,
}
"""What is in arguments that take whatever else is given: nothing."""


class _Layers(Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, OURS) or super().is_leaf_module(m, module_qualified_name)

    def create_args_for_root(
        self,
        root_fn: Callable[..., Any],
        is_module: bool,
        concrete_args: dict[str, Any] | tuple[Any, ...] | None = None,
    ) -> tuple[Callable[..., Any], list[Any]]:
        """Arguments with defaults have them; torch.fx's own values would never be None."""
        function, made = super().create_args_for_root(root_fn, is_module, concrete_args)
        given: list[Any] = list(made)
        # As Python holds them: what takes the rest comes last.
        arguments = inspect.signature(root_fn).parameters.values()
        for index, argument in enumerate(sorted(arguments, key=lambda one: one.kind in _REST)):
            rest = _REST.get(argument.kind)
            if index > 1 and (rest is not None or argument.default is not argument.empty):
                self.graph.erase_node(given[index].node)
                given[index] = argument.default if rest is None else rest()
        return function, given


def trace(model: nn.Module) -> GraphModule:
    """The graph of a copy of the model, under the same names of modules.

    Raises:
        ExportError: torch.fx cannot trace it, or it takes more than the pictures.
    """
    twin, kind = copied(model), type(model).__name__
    try:
        graph = _Layers().trace(twin)
        made = GraphModule(twin, graph, kind)
    except Exception as error:  # whatever the module's own code raises on a proxy
        raise ExportError(
            f"{kind}: expected a module that torch.fx can trace, found: {first_line(error)}"
        ) from error
    inputs = [node for node in graph.nodes if node.op == "placeholder" and not node.args]
    if len(inputs) != 1:
        names = ", ".join(str(node.target) for node in inputs) or "none"
        raise ExportError(f"{kind}: expected one input, the pictures, found {names}")
    return made


class _Shapes(Interpreter):
    def run_node(self, n: Node) -> object:
        value: object = super().run_node(n)
        if isinstance(value, Tensor):
            n.meta[SHAPE] = tuple(value.shape)
        return value


def record_shapes(graph: GraphModule, batch: Tensor) -> None:
    """Run a batch and write the shape of each value into its node's `meta`.

    Raises:
        OptionError: the network does not take such pictures.
    """
    runner = _Shapes(graph)
    runner.extra_traceback = False
    try:
        runner.run(batch.clone())  # which the network may change
    except Exception as error:
        raise OptionError(
            f"pictures: expected what the network takes, found {tuple(batch.shape[1:])}: "
            f"{first_line(error)}"
        ) from error


def shape_of(node: Node) -> tuple[int, ...]:
    """What `record_shapes` saw; empty where the value is no tensor."""
    shape: tuple[int, ...] = node.meta.get(SHAPE, ())
    return shape
