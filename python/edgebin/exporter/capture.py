"""Traces a PyTorch module into a graph of the dialect.

`torch.export` traces a copy of the module in evaluation mode on the example. Each ATen call then
becomes nodes by the function that `aten.LOWERINGS` lists for it; a call without one raises an
ExportError that names the module. Nothing is optimised here.
"""

from __future__ import annotations

import logging
import operator
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.fx import Node as FxNode

from edgebin.errors import ExportError, first_line
from edgebin.exporter.aten import LOWERINGS
from edgebin.exporter.aten.call import Activation, Call, Captured
from edgebin.exporter.aten.hints import RECURRENT, RECURRENT_INSTEAD, unsupported
from edgebin.exporter.dialect import NORMALIZE
from edgebin.graph.ir import Graph, Node
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn.capturing import capture_operators
from edgebin.nn.copied import copied
from edgebin.nn.padding import PaddingError

INPUT_NAME = "picture"
"""Name of the input in the file; it is part of the bytes of every exported model since 0.1."""


def capture(model: nn.Module, example: Tensor, preprocessing: Preprocessing) -> Graph:
    """Trace a module into the dialect.

    Args:
        model: maps normalised float images (N, C, H, W) to one tensor or a tuple of tensors.
            Traced in evaluation mode; its own mode and parameters stay as they are.
        example: float, (N, C, H, W); only its shape matters.
        preprocessing: mean and scale become the graph's first node.

    Raises:
        ExportError: the module cannot be traced, or uses something that the runtime lacks.
    """
    program = _trace(model, example)
    channels, height, width = (int(size) for size in example.shape[1:])
    normalize = Node(
        NORMALIZE,
        NORMALIZE,
        (INPUT_NAME,),
        {
            "mean": np.asarray(preprocessing.mean, np.float64),
            "scale": np.asarray(preprocessing.scale, np.float64),
        },
    )
    walk = _Walk(program)
    outputs = walk.run(normalize.name)
    nodes = (normalize, *walk.captured.nodes)
    return Graph(INPUT_NAME, (height, width, channels), nodes, outputs)


def _trace(model: nn.Module, example: Tensor) -> torch.export.ExportedProgram:
    copy = copied(model).cpu().eval()
    try:
        with torch.no_grad(), _quiet(), capture_operators():
            return torch.export.export(copy, (example.detach().cpu(),), strict=False)
    except PaddingError as error:
        names = [name for name, module in copy.named_modules() if module is error.conv]
        raise unsupported(names[0] if names else "", error.found, error.works) from None
    except ExportError:
        raise
    except Exception as error:
        raise ExportError(
            f"{type(model).__name__}: expected a module that torch.export can trace on an input "
            f"of shape {tuple(example.shape)}, found: {first_line(error)}"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the notices of torch's tracers off the terminal: what matters is raised."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


class _Walk:
    """One pass over the traced calls, in order."""

    def __init__(self, program: torch.export.ExportedProgram) -> None:
        self._graph = program.graph
        self.captured = Captured(names={INPUT_NAME, NORMALIZE})
        signature = program.graph_signature
        state: dict[str, Any] = {**program.state_dict, **program.constants}
        self._targets = {
            spec.arg.name: state[spec.target]
            for spec in signature.input_specs
            if spec.target is not None and spec.target in state
        }
        self._inputs = set(signature.user_inputs)

    def run(self, image: str) -> tuple[str, ...]:
        for fx in self._graph.nodes:
            if fx.op == "placeholder":
                self._place(fx, image)
            elif fx.op == "call_function":
                self._call(fx)
            elif fx.op == "output":
                return self._outputs(fx)
            else:
                raise unsupported(module_name(fx), f"a {fx.op} ({fx.target})")
        raise AssertionError("torch.export made a graph without outputs")

    def _place(self, fx: FxNode, image: str) -> None:
        if fx.name in self._inputs:
            self.captured.values[fx] = Activation(image)
        else:
            self.captured.values[fx] = self._targets[fx.name]

    def _call(self, fx: FxNode) -> None:
        kind = module_kind(fx)
        if kind in RECURRENT:
            raise unsupported(module_name(fx), f"torch.nn.{kind}", RECURRENT_INSTEAD)
        if fx.target is operator.getitem:
            source, index = fx.args
            if fx.users and (index != 0 or not isinstance(source, FxNode)):
                raise unsupported(module_name(fx), "a use of an operator's second result")
            self.captured.values[fx] = self.captured.values[source]  # type: ignore[index]
            return
        name = str(fx.target).removesuffix(".default")
        if name == "aten._assert_tensor_metadata":
            return
        lowering = LOWERINGS.get(name.replace("_.", ".").removesuffix("_"))
        if lowering is None:
            raise unsupported(module_name(fx), name)
        result = lowering(Call(fx, module_name(fx), self.captured))
        self.captured.values[fx] = result
        if name.endswith("_") or "_." in name:
            # In place: later readers of the argument see the result.
            self.captured.values[fx.args[0]] = result  # type: ignore[index]

    def _outputs(self, fx: FxNode) -> tuple[str, ...]:
        names: list[str] = []
        for result in fx.args[0]:  # type: ignore[union-attr]
            activation = self.captured.values[result] if isinstance(result, FxNode) else result
            if not isinstance(activation, Activation):
                found = "None" if activation is None else "one that does not depend on its input"
                raise ExportError(f"the network's outputs: expected activations, found {found}")
            if activation.value in names:
                raise ExportError(
                    f'the network\'s outputs: expected each once, found "{activation.value}" twice'
                )
            names.append(activation.value)
        return tuple(names)


def module_kind(fx: FxNode) -> str:
    """Return the class name of the module that made a call; empty in the root."""
    stack = list((fx.meta.get("nn_module_stack") or {}).values())
    kind = stack[-1][1] if stack else ""
    return kind.rpartition(".")[2] if isinstance(kind, str) else str(kind.__name__)


def module_name(fx: FxNode) -> str:
    """Return the dotted name of the module that made a call; in the root, the call's own name."""
    stack = list((fx.meta.get("nn_module_stack") or {}).values())
    path = str(stack[-1][0]) if stack else ""
    return path or fx.name
