"""One traced ATen call, as the function that lowers it sees it: typed arguments in, nodes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.fx import Node as FxNode

from edgebin.errors import ExportError
from edgebin.exporter.aten.hints import unsupported
from edgebin.exporter.dialect import Reals
from edgebin.graph.ir import Array, Node


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation: the name of its value in the dialect."""

    value: str


@dataclass(slots=True)
class Captured:
    """The nodes captured so far, and what each traced value stands for."""

    nodes: list[Node] = field(default_factory=list)
    values: dict[FxNode, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def unique(self, name: str) -> str:
        """Return an unused node name that starts with the module's."""
        number, chosen = 1, name
        while chosen in self.names:
            number += 1
            chosen = f"{name}#{number}"
        self.names.add(chosen)
        return chosen


class Call:
    """A traced ATen call.

    `module` is the dotted name of the module that made it, for messages and for the node's name.
    """

    def __init__(self, fx: FxNode, module: str, captured: Captured) -> None:
        self._fx = fx
        self._captured = captured
        self.module = module
        schema = fx.target._schema  # type: ignore[union-attr]
        names = [argument.name for argument in schema.arguments]
        defaults = {a.name: a.default_value for a in schema.arguments if a.has_default_value()}
        self._arguments = {**defaults, **dict(zip(names, fx.args, strict=False)), **fx.kwargs}

    def has(self, name: str) -> bool:
        """Return whether the operator has an argument of that name."""
        return name in self._arguments

    def activation(self, name: str) -> Activation:
        """Return an argument that must be an activation."""
        argument = self._arguments[name]
        value = self._captured.values.get(argument) if isinstance(argument, FxNode) else None
        if isinstance(argument, int | float):
            raise self.refuse(f"the constant {argument} as {name!r}", "a tensor input")
        if not isinstance(value, Activation):
            raise self.refuse(f"an argument {name!r} that is no activation", "a tensor input")
        return value

    def activations(self, name: str) -> list[Activation]:
        """Return an argument that must be a list of activations."""
        values = [self._captured.values.get(item) for item in self._arguments[name]]
        if not all(isinstance(value, Activation) for value in values):
            raise self.refuse(f"a constant among {name!r}", "activations only")
        return [value for value in values if isinstance(value, Activation)]

    def tensor(self, name: str) -> Tensor | None:
        """Return a parameter, a buffer or None; raise ExportError for an activation."""
        argument = self._arguments[name]
        if argument is None:
            return None
        value = self._captured.values.get(argument)
        if not isinstance(value, Tensor):
            raise self.refuse(f"a computed {name}", f"a parameter or a buffer as {name}")
        return value.detach()

    def reals(self, name: str, *, default: float, size: int) -> Reals:
        """Return a per-channel parameter in float64, or `size` times the default if it is None."""
        tensor = self.tensor(name)
        if tensor is None:
            return np.full(size, default)
        return np.asarray(tensor.double().numpy(), np.float64).reshape(-1)

    def plain(self, name: str) -> Any:
        """Return an argument that is a number, a list of numbers, a string or None."""
        return self._arguments[name]

    def pair(self, name: str) -> tuple[int, int]:
        """Return an argument of one or two integers as (vertical, horizontal)."""
        value = self._arguments[name]
        values = [int(value)] if isinstance(value, int) else [int(item) for item in value]
        return (values[0], values[-1])

    def input_shape(self, name: str) -> tuple[int, ...]:
        """Return the traced shape of an activation, batch first, as in PyTorch."""
        return _shape(self._arguments[name])

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The traced shape of the (first) result, batch first, as in PyTorch."""
        return _shape(self._fx)

    def emit(
        self,
        op: str,
        inputs: list[Activation],
        *,
        constants: Mapping[str, Array] | None = None,
        attributes: Mapping[str, int] | None = None,
    ) -> Activation:
        """Append a node named after the module and return its value."""
        name = self._captured.unique(self.module)
        node = Node(
            op,
            name,
            tuple(activation.value for activation in inputs),
            constants or {},
            attributes or {},
        )
        self._captured.nodes.append(node)
        return Activation(name)

    def refuse(self, found: str, works: str) -> ExportError:
        """Return the error for something in this call that the runtime does not support."""
        return unsupported(self.module, found, works)


def _shape(value: Any) -> tuple[int, ...]:
    meta = value.meta["val"]
    tensor = meta if isinstance(meta, torch.Tensor) else meta[0]
    return tuple(int(size) for size in tensor.shape)
