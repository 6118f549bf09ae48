"""One traced ATen call, as the function that lowers it sees it: typed arguments in, nodes out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.fx import Node as FxNode
from torch.fx.node import map_arg

from edgebin.errors import ExportError
from edgebin.exporter.aten.captured import Activation, Captured
from edgebin.exporter.aten.hints import unsupported
from edgebin.exporter.aten.tensor_shapes import (
    Numbers,
    Shape,
    channels_last_order,
    elements,
    image_shape,
    line,
    names_line,
    shape_of,
)
from edgebin.exporter.dialect import Reals
from edgebin.graph.ir import Array, Node


@dataclass(frozen=True, slots=True)
class Part:
    """A tensor among the arguments of a call.

    Attributes:
        value: the activation; `known` is false after a call that was refused.
        numbers: of the value's elements, in torch's shape without the batch.
    """

    value: Activation
    numbers: Numbers


class Call:
    """A traced ATen call.

    `module` is the dotted path of the module that made it, "" for the network itself. Nodes are
    named after it, or after the call where it is empty.
    """

    def __init__(self, fx: FxNode, module: str, captured: Captured) -> None:
        self.fx = fx
        self._captured = captured
        self.module = module
        schema = fx.target._schema  # type: ignore[union-attr]
        names = [argument.name for argument in schema.arguments]
        defaults = {a.name: a.default_value for a in schema.arguments if a.has_default_value()}
        self._is_line = names_line(schema.name)
        self._arguments = {**defaults, **dict(zip(names, fx.args, strict=False)), **fx.kwargs}

    def has(self, name: str) -> bool:
        """Return whether the operator has an argument of that name."""
        return name in self._arguments

    def is_activation(self, name: str) -> bool:
        """Return whether an argument depends on the image."""
        argument = self._arguments[name]
        value = self._captured.values.get(argument) if isinstance(argument, FxNode) else None
        return isinstance(value, Activation)

    def activation(self, name: str) -> Activation:
        """Return an argument that must be an activation, in whatever shape torch gives it."""
        value = self.unmoved(name)
        if value.order is None:
            return value
        return self._captured.lay_out(value, self.input_shape(name), self.module)

    def unmoved(self, name: str) -> Activation:
        """Return an argument that must be an activation, before calls that move its elements."""
        argument = self._arguments[name]
        value = self._captured.values.get(argument) if isinstance(argument, FxNode) else None
        if not isinstance(value, Activation):
            raise self.refuse(f"an argument {name!r} that is no activation", "a tensor input")
        return value

    def image(self, name: str) -> Activation:
        """Return an argument that must be an activation of shape (N, C, H, W), as it was made.

        A layer for lines, such as Conv1d, takes (N, C, L), the activation of shape (C, 1, L).
        """
        value = self.activation(name)
        shape = self.input_shape(name)
        if self._is_line:
            if value.known and (len(shape) != 3 or line(shape) != self.shape(value)):
                raise self.refuse(f"lines of shape {shape}", "lines (N, C, L) of height 1")
            return value
        if value.known and shape[1:] != self._captured.shapes[value.value]:
            raise self.refuse(f"images (N, C, H, W) reshaped to {shape}", "images as they are")
        return value

    def vector(self, name: str) -> Activation:
        """Return an argument that must be an activation of shape (N, K)."""
        value, shape = self.activation(name), self.input_shape(name)
        single = len(shape) == 1 and self.batch == 1
        if value.known and len(shape) != 2 and not single:
            found = f"a {self.operator} layer on a tensor of shape {shape}"
            raise self.refuse(found, "torch.flatten(x, 1) first")
        return value

    def channels_last(self, name: str) -> Activation | None:
        """Return the image that an argument is as (N, H, W, C) or (N, H W, C), else None."""
        x = self.unmoved(name)
        held = self.shape(x)
        if x.order is None or held is None or x.order.ndim < 2 or x.order.shape[-1] != held[0]:
            return None
        same = np.array_equal(x.order.reshape(-1), channels_last_order(held))
        return replace(x, order=None) if same else None

    def put_last(self, image: Activation, name: str) -> Activation:
        """Return an image with the channels last, as the argument `name` has them."""
        held, like = self.shape(image), self.unmoved(name)
        if held is None or like.order is None:
            return image
        order = channels_last_order(held).reshape(*like.order.shape[:-1], held[0])
        return replace(image, order=order, name=like.name)

    def elementwise(
        self, op: str, name: str = "self", *, constants: Mapping[str, Array] | None = None
    ) -> Activation:
        """Append an operator of single elements; torch may have all of them in any order."""
        x = self.unmoved(name)
        held = self.shape(x)
        if x.order is None or held is None or x.order.size != elements(held):
            return self.emit_like(op, [self.activation(name)], constants=constants)
        image = self.emit_like(op, [replace(x, order=None)], constants=constants)
        return replace(image, order=x.order, name=x.name)

    def parts(self, name: str) -> list[Part]:
        """Return an argument that must be a list of activations."""
        items = self._arguments[name]
        values = [self._captured.values.get(item) for item in items]
        if not all(isinstance(value, Activation) for value in values):
            raise self.refuse(f"a constant among {name!r}", "activations only")
        return [
            self._part(value, shape_of(item))
            for item, value in zip(items, values, strict=True)
            if isinstance(value, Activation)
        ]

    def part(self, name: str) -> Part:
        """Return an argument that must be an activation, with the numbers of its elements."""
        return self._part(self.unmoved(name), self.input_shape(name))

    def _part(self, value: Activation, shape: tuple[int, ...]) -> Part:
        held = self.shape(value)
        if value.order is not None:
            return Part(value, value.order)
        single = shape if len(shape) == 1 else shape[1:]  # squeeze() of a vector
        if not value.known or held is None or math.prod(single) != elements(held):
            return Part(replace(value, known=False), np.empty(0, np.intp))
        return Part(value, np.arange(elements(held), dtype=np.intp).reshape(single))

    def lay_out(self, value: Activation, numbers: Numbers) -> Activation:
        """Return the activation (C, H, W) with these elements of an activation, in this order."""
        moved = replace(value, order=numbers, name=value.name or self.path)
        return self._captured.lay_out(moved, (self.batch, *numbers.shape), self.module)

    @property
    def path(self) -> str:
        """The name of the call inside its module."""
        return f"{self.module}.{self.fx.name}" if self.module else self.fx.name

    def shape(self, activation: Activation) -> Shape | None:
        """Return (C, H, W) of an activation; None after a call that was refused."""
        return self._captured.shapes.get(activation.value)

    def channels(self, activation: Activation) -> int:
        """Return the channels of an activation; 1 after a call that was refused."""
        return self._captured.shapes.get(activation.value, (1, 1, 1))[0]

    def tensor(self, name: str) -> Tensor | None:
        """Return a parameter, a buffer, a computed constant or None; refuse an activation."""
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

    def factor(self, name: str, like: str, *, last: bool = False) -> Reals:
        """Return a constant in float64 as a number for each channel of the activation `like`.

        Args:
            name: of a number, a parameter, a buffer or a computed constant.
            like: name of the argument that it is added to or multiplied by.
            last: channels may come last in `like`, see `channels_last`.

        Raises:
            ExportError: it has several numbers for a channel, or infinite ones.
        """
        shape = self.input_shape(like)
        axis = 1 if len(shape) > 1 else 0
        if last and self.channels_last(like) is not None:
            axis = len(shape) - 1
        rows = self._broadcast(name, shape).transpose(0, axis).flatten(1)
        first = rows[:, :1]
        if not bool((rows == first).all()):
            found = f"a constant of shape {self._constant_shape(name)} beside images {shape}"
            raise self.refuse(found, "one number for each channel")
        return np.asarray(first.reshape(-1).numpy(), np.float64)

    def is_per_element(self, name: str, like: str) -> bool:
        """Return whether a constant has several numbers for a channel of an activation."""
        shape = self.input_shape(like)
        last = self.channels_last(like) is not None
        axis = len(shape) - 1 if last else 1 if len(shape) > 1 else 0
        rows = self._broadcast(name, shape).transpose(0, axis).flatten(1)
        return not bool((rows == rows[:, :1]).all())

    def per_element(self, name: str, like: str) -> Reals:
        """Return a constant in float64 as a number for each element of one image of `like`."""
        shape = self.input_shape(like)
        images = self._broadcast(name, shape)
        single = images.reshape(self.batch, -1)
        if not bool((single == single[:1]).all()):
            found = f"a constant of shape {self._constant_shape(name)} beside images {shape}"
            raise self.refuse(found, "the same constant for each image")
        return np.asarray(single[0].numpy(), np.float64)

    def _constant(self, name: str) -> Tensor:
        value = self._arguments[name]
        if isinstance(value, int | float):
            return torch.tensor(float(value))
        tensor = self.tensor(name)
        assert tensor is not None
        return tensor

    def _constant_shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._constant(name).shape)

    def _broadcast(self, name: str, shape: tuple[int, ...]) -> Tensor:
        """Return a finite constant in float64 in the shape of an activation."""
        tensor = self._constant(name).double()
        try:
            repeated = tensor.broadcast_to(shape)
        except RuntimeError:
            found = f"a constant of shape {tuple(tensor.shape)} beside images {shape}"
            raise self.refuse(found, "a constant that leaves their shape") from None
        if not bool(torch.isfinite(tensor).all()):
            raise self.refuse("a constant that is not finite", "finite numbers")
        return repeated

    def plain(self, name: str) -> Any:
        """Return an argument that is a number, a list of numbers, a string or None."""
        return self._arguments[name]

    def on_tensor(self, name: str, tensor: Tensor) -> Any:
        """Return what the call gives for a tensor as its argument `name`.

        Other activations among its arguments are zeros: calls that move elements read their shapes
        alone.
        """
        moved = self._arguments[name]

        def given(node: FxNode) -> Any:
            value = self._captured.values[node]
            if node is moved:
                return tensor
            return torch.zeros(shape_of(node)) if isinstance(value, Activation) else value

        args: Any = map_arg(self.fx.args, given)
        kwargs: Any = map_arg(self.fx.kwargs, given)
        return self.fx.target(*args, **kwargs)  # type: ignore[operator]

    def pair(self, name: str) -> tuple[int, int]:
        """Return an argument of one or two integers as (vertical, horizontal).

        Of a layer for lines the vertical one is that of a height of 1.
        """
        value = self._arguments[name]
        if self._is_line:
            along = int(value) if isinstance(value, int) else int(value[0])
            return (0 if name == "padding" else 1, along)
        values = [int(value)] if isinstance(value, int) else [int(item) for item in value]
        return (values[0], values[-1])

    def input_shape(self, name: str) -> tuple[int, ...]:
        """Return the traced shape of an activation, batch first, as in PyTorch."""
        return shape_of(self._arguments[name])

    def sides(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return (H, W) of a traced shape; (1, L) for a layer for lines."""
        return (1 if self._is_line else shape[-2], shape[-1])

    @property
    def is_line(self) -> bool:
        """Whether it is a layer for lines (N, C, L), such as Conv1d."""
        return self._is_line

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The traced shape of the (first) result, batch first, as in PyTorch."""
        return shape_of(self.fx)

    @property
    def batch(self) -> int:
        """Images of the example that the network was traced on."""
        return self._captured.batch

    def emit(
        self,
        op: str,
        inputs: list[Activation],
        *,
        constants: Mapping[str, Array] | None = None,
        attributes: Mapping[str, int] | None = None,
        shape: Shape | None = None,
    ) -> Activation:
        """Append a node named after the module and return its value.

        Args:
            op: of the dialect.
            inputs: that it reads.
            constants: by role.
            attributes: by key.
            shape: (C, H, W) of its value; by default that of the traced result.
        """
        name = self._captured.unique(self.module or self.fx.name)
        names = tuple(activation.value for activation in inputs)
        self._captured.nodes.append(Node(op, name, names, constants or {}, attributes or {}))
        if shape is None and self._is_line and len(self.output_shape) == 3:
            shape = line(self.output_shape)
        shape = shape or image_shape(self.output_shape)
        if shape is not None:
            self._captured.shapes[name] = shape
        return Activation(name, known=shape is not None)

    def emit_like(
        self, op: str, inputs: list[Activation], *, constants: Mapping[str, Array] | None = None
    ) -> Activation:
        """Append a node whose value has the shape of its first input."""
        return self.emit(op, inputs, constants=constants, shape=self.shape(inputs[0]))

    def cover(self, calls: list[FxNode], result: Activation) -> None:
        """Give later calls, which this one has been lowered with, their result."""
        self._captured.covered.update(dict.fromkeys(calls, result))

    def unknown(self) -> Activation:
        """Return the result of a call that reads what was refused."""
        return self._captured.unknown(self.fx)

    def refuse(self, found: str, works: str) -> ExportError:
        """Return the error for something in this call that the runtime does not support."""
        return unsupported(self.module, found, works)

    @property
    def operator(self) -> str:
        """The name of the ATen operator, such as "view"."""
        return str(self.fx.target).split(".")[1]
