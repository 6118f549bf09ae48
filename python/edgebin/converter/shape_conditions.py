"""Lets torch.fx trace a forward that asks for shapes: asserts, ifs, loops and lengths.

A value whose truth, length or number Python asks for is computed on a tensor without contents. What
only depends on shapes has an answer, which the trace records for images of this size; what depends
on the numbers in a tensor has none, and is an error as in torch.fx itself.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx import Node, Proxy, Tracer
from torch.fx.node import map_arg
from torch.fx.proxy import Attribute, TraceError


class ShapeProxy(Proxy):
    """A traced value that knows its length, and its value where that follows from shapes."""

    def __len__(self) -> int:
        return len(_shapes(self).value(self.node))

    def __index__(self) -> int:
        return int(_shapes(self).value(self.node))

    def __int__(self) -> int:
        return int(_shapes(self).value(self.node))

    def __getattr__(self, k: str) -> Attribute:
        return ShapeAttribute(self, k)


class ShapeAttribute(ShapeProxy, Attribute):
    """An attribute of such a value, such as its shape."""


class Shapes:
    """Computes traced values on tensors without contents.

    Args:
        network: another copy of the one that is traced: while torch.fx traces a module, it answers
            for that module's parameters.
        example: a batch of images; only its shape and type matter.
    """

    def __init__(self, network: nn.Module, example: Tensor) -> None:
        self._network = network
        self._mode = FakeTensorMode(allow_non_fake_inputs=True)
        self._image = self._mode.from_tensor(example)
        self._values: dict[Node, Any] = {}

    def value(self, node: Node) -> Any:
        """Return a value: a tensor without contents, or a number or tuple as it is.

        Raises:
            TraceError: it depends on the numbers in a tensor, or cannot be computed.
        """
        try:
            with torch.no_grad(), self._mode:
                return self._computed(node)
        except TraceError:
            raise
        except Exception as error:  # whatever an operator raises on such tensors
            raise TraceError(
                f"Python depends on the values of a tensor ({type(error).__name__})"
            ) from error

    def truth(self, node: Node) -> bool:
        """Return whether a value is true."""
        value = self.value(node)
        if isinstance(value, Tensor):
            raise TraceError("a condition depends on the values of a tensor")
        return bool(value)

    def _computed(self, node: Node) -> Any:
        if node not in self._values:
            for before in node.all_input_nodes:
                self._computed(before)
            self._values[node] = self._run(node)
        return self._values[node]

    def _run(self, node: Node) -> Any:
        args: Any = map_arg(node.args, lambda value: self._values[value])
        kwargs: Any = map_arg(node.kwargs, lambda value: self._values[value])
        target: Any = node.target
        if node.op == "placeholder":
            return self._image
        if node.op == "get_attr":
            return functools.reduce(getattr, target.split("."), self._network)
        if node.op == "call_module":  # its forward: torch.fx traces calls of modules themselves
            return self._network.get_submodule(target).forward(*args, **kwargs)
        if node.op == "call_method":
            return getattr(args[0], target)(*args[1:], **kwargs)
        return target(*args, **kwargs)


class ShapeTracer(Tracer):
    """A tracer whose values answer for their shapes.

    Attributes:
        shapes: that compute them; set before `trace`.
    """

    shapes: Shapes

    def proxy(self, node: Node) -> Proxy:
        """Return a value that knows its shape."""
        return ShapeProxy(node, self)

    def to_bool(self, obj: Proxy) -> bool:
        """Return the truth of a value that only depends on shapes."""
        return self.shapes.truth(obj.node)

    def iter(self, obj: Proxy) -> Iterator[Any]:
        """Return the parts of a value whose number only depends on shapes."""
        count = len(self.shapes.value(obj.node))
        return iter([obj[index] for index in range(count)])  # type: ignore[index]


def _shapes(proxy: ShapeProxy) -> Shapes:
    assert isinstance(proxy.tracer, ShapeTracer)
    return proxy.tracer.shapes
