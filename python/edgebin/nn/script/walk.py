"""Runs a TorchScript program on an example, call by call, and hands on what depends on the image.

Conditions, loops, asserts and everything else that depends on shapes and parameters alone is
evaluated.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.fx import Node

from edgebin.errors import ExportError, Refusal, cut

_WAY_OUT = (
    "the Python module that the TorchScript program was made from, with "
    "model.load_state_dict(program.state_dict())"
)

_READS_VALUES = (
    "item",
    "Bool",
    "Int",
    "Float",
    "ScalarImplicit",
    "is_nonzero",
    "equal",
    "allclose",
)
"""Calls that make of a tensor's values what Python decides by."""


def _append(held: list[Any], value: Any) -> list[Any]:
    held.append(value)
    return held


_PYTHON: Mapping[str, Callable[..., object]] = {
    "prim::ListConstruct": lambda *values: list(values),
    "prim::TupleConstruct": lambda *values: values,
    "prim::TupleIndex": operator.getitem,
    "prim::Uninitialized": lambda: None,
    "prim::unchecked_cast": lambda value: value,
    "aten::__getitem__": operator.getitem,
    "aten::__is__": operator.is_,
    "aten::__isnot__": operator.is_not,
    "aten::format": lambda text, *_: text,
    "aten::len": lambda value: len(value.tensor if isinstance(value, Value) else value),
    "aten::list": list,
    "aten::warn": lambda *_: None,
}
"""What torch.ops has no call of, or none for lists of any type."""

_CONTAINERS: Mapping[str, Callable[..., object]] = {
    "aten::add": operator.add,
    "aten::append": _append,
    "aten::clear": lambda held: held.clear(),
    "aten::copy": lambda held: held.copy(),
    "aten::extend": list.extend,
    "aten::get": dict.get,
    "aten::insert": list.insert,
    "aten::items": lambda held: list(held.items()),
    "aten::keys": list,
    "aten::mul": operator.mul,
    "aten::pop": lambda held, *key: held.pop(*key),
    "aten::reverse": list.reverse,
    "aten::slice": lambda held, start, end, step: held[start:end:step],
    "aten::values": lambda held: list(held.values()),
    "aten::_set_item": operator.setitem,
    "aten::__contains__": operator.contains,
}
"""The same for lists and dictionaries, where it also takes tensors or numbers or has any type."""


@dataclass(eq=False, slots=True)
class Value:
    """A tensor of the program.

    Attributes:
        tensor: its value on the example.
        node: what computes it in the new graph; None where it does not depend on the image.
        name: of a parameter or a buffer: its dotted path; else "".
    """

    tensor: Tensor
    node: Node | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Held:
    """A module of the program and its dotted path."""

    module: nn.Module
    path: str


class Graph(Protocol):
    """Makes the new graph."""

    def image(self) -> Node:
        """Return the node of the image."""

    def call(self, target: Any, inputs: list[Any], result: object) -> list[Node]:
        """Add a call and return the node of each tensor that it makes."""


class Walk:
    """One pass over a program.

    Args:
        program: in evaluation mode, on the CPU.
        graph: what makes the new graph.
    """

    def __init__(self, program: torch.jit.ScriptModule, graph: Graph) -> None:
        """Take a copy of the program, with all calls inlined."""
        self._program, self._graph = program, graph
        self._values: dict[str, Any] = {}

    def run(self, image: Tensor) -> Any:
        """Return the program's result: a Value, or a tuple, list or dict of them.

        Raises:
            ExportError: a way depends on the values of the image, or a call is unknown.
        """
        graph = self._program.inlined_graph
        own, *inputs = [value.debugName() for value in graph.inputs()]
        if len(inputs) != 1:
            name = str(getattr(self._program, "original_name", "program"))
            raise ExportError(f"{name}: expected one input, the images, found {len(inputs)}")
        self._values = {
            own: _Held(self._program, ""),
            inputs[0]: Value(image, self._graph.image()),
        }
        (result,) = self._block(graph)
        return result

    def _block(self, block: Any) -> list[Any]:
        for node in block.nodes():
            results = self._results(node, [self._values[v.debugName()] for v in node.inputs()])
            self._set(node.outputs(), results)
        return [self._values[value.debugName()] for value in block.outputs()]

    def _set(self, names: Any, values: list[Any]) -> None:
        for name, value in zip(list(names), values, strict=True):
            self._values[name.debugName()] = value

    def _results(self, node: Any, inputs: list[Any]) -> list[Any]:
        kind = node.kind()
        if kind == "prim::Constant":
            value, name = node.output().toIValue(), node.output().debugName()
            frozen = name.removeprefix("self.") if name.startswith("self.") else ""
            return [Value(value, None, frozen) if isinstance(value, Tensor) else value]
        if kind == "prim::GetAttr":
            return [_attribute(inputs[0], node.s("name"))]
        if kind == "prim::If":
            return self._block(list(node.blocks())[0 if inputs[0] else 1])
        if kind == "prim::Loop":
            return self._loop(node, *inputs)
        if kind == "prim::RaiseException":
            raise ExportError(f"a TorchScript program: expected no exception, found {inputs[0]!r}")
        if kind in ("prim::ListUnpack", "prim::TupleUnpack"):
            return list(inputs[0])
        if kind == "prim::DictConstruct":
            return [dict(zip(inputs[::2], inputs[1::2], strict=True))]
        is_container = bool(inputs) and isinstance(inputs[0], list | dict)
        function = _CONTAINERS.get(kind) if is_container else None
        function = function or _PYTHON.get(kind)
        if function is not None:
            return [function(*inputs)][: len(list(node.outputs()))]
        return self._call(node, inputs)

    def _loop(self, node: Any, most: int, condition: bool, *carried: Any) -> list[Any]:
        (block,) = node.blocks()
        values, done = list(carried), 0
        while done < most and condition:
            self._set(block.inputs(), [done, *values])
            condition, *values = self._block(block)
            done += 1
        return values

    def _call(self, node: Any, inputs: list[Any]) -> list[Any]:
        target = _overload(node)
        positional, keywords = arguments(target, [_concrete(value) for value in inputs])
        result = target(*positional, **keywords)
        if not any(value.node is not None for value in _values_in(inputs)):
            found = _wrapped(result, iter(()))
        elif not any(True for _ in _tensors_in(result)):
            if node.kind().partition("::")[2] in _READS_VALUES:
                found = f"a TorchScript program that decides by values of a tensor ({node.kind()})"
                raise ExportError(refusals=[Refusal("", found, _WAY_OUT)])
            found = result
        else:
            nodes = iter(self._graph.call(target, inputs, result))
            found = _wrapped(result, nodes)
            if _is_in_place(target):  # later readers of the argument see the result
                inputs[0].node, found = found.node, inputs[0]
        outputs = len(list(node.outputs()))
        return list(found) if outputs > 1 else [found][:outputs]


def _attribute(held: _Held, name: str) -> Any:
    path = f"{held.path}.{name}" if held.path else name
    value = getattr(held.module, name)
    if isinstance(value, nn.Module):
        return _Held(value, path)
    return Value(value, None, path) if isinstance(value, Tensor) else value


def _overload(node: Any) -> Any:
    """Return the call of torch.ops that a node makes."""
    name, _, overload = str(node.schema()).partition("(")[0].partition(".")
    space, _, short = name.partition("::")
    packet = getattr(getattr(torch.ops, space), short, None) if short else None
    if packet is None:
        found = f"{cut(node.kind(), 60)} in a TorchScript program"
        raise ExportError(refusals=[Refusal("", found, _WAY_OUT, node.kind())])
    return getattr(packet, overload or "default")


def arguments(target: Any, inputs: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return what a call takes by position and by name, of all in the order of its schema."""
    positional, keywords = [], {}
    for argument, value in zip(target._schema.arguments, inputs, strict=False):
        if argument.kwarg_only:
            keywords[argument.name] = value
        else:
            positional.append(value)
    return positional, keywords


def _is_in_place(target: Any) -> bool:
    first = target._schema.arguments[0]
    return first.alias_info is not None and bool(first.alias_info.is_write)


def _concrete(value: Any) -> Any:
    if isinstance(value, Value):
        return value.tensor
    if isinstance(value, list | tuple):
        return type(value)(map(_concrete, value))
    return value


def _values_in(value: Any) -> Iterator[Value]:
    if isinstance(value, Value):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _values_in(part)


def _tensors_in(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tensors_in(part)


def _wrapped(value: Any, nodes: Iterator[Node]) -> Any:
    if isinstance(value, Tensor):
        return Value(value, next(nodes, None))
    if isinstance(value, list | tuple):
        return type(value)(_wrapped(part, nodes) for part in value)
    return value
