"""What has been captured so far: nodes of the dialect, and what each traced value stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from torch.fx import Node as FxNode

from edgebin.exporter.aten.hints import unsupported
from edgebin.exporter.aten.orders import steps_to
from edgebin.exporter.aten.tensor_shapes import Numbers, Shape, folded, image_shape, shape_of
from edgebin.graph.ir import Node


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation: the name of its value in the dialect.

    `known` is false for the result of a call that was refused: what reads it is not refused for its
    shape, which would only be a consequence.

    `order` is there where calls have moved elements since: for each element that torch has, without
    the batch, the number of the value's element (C, H, W) that it is. `name` is that of the last of
    these calls.
    """

    value: str
    known: bool = True
    order: Numbers | None = field(default=None, compare=False)
    name: str = ""


@dataclass(slots=True)
class Captured:
    """The nodes captured so far, and what each traced value stands for.

    Attributes:
        nodes: in the order of execution.
        values: of each traced value: an activation, or the tensor or number that it is.
        names: taken by nodes.
        batch: images of the example that the network was traced on.
        covered: results of calls that the lowering of an earlier call has lowered with it.
        shapes: (C, H, W) of each activation. torch may give it another shape of the same elements,
            such as (N, C, H W).
        laid_out: of a value, an order of its elements (by identity) and a shape, the order, which
            is held so that its identity stays, and what makes it.
    """

    nodes: list[Node] = field(default_factory=list)
    values: dict[FxNode, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    batch: int = 1
    covered: dict[FxNode, Activation] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    laid_out: dict[tuple[str, int, Shape], tuple[Numbers, Activation]] = field(default_factory=dict)

    def unique(self, name: str) -> str:
        """Return an unused node name that starts with the module's."""
        number, chosen = 1, name
        while chosen in self.names:
            number += 1
            chosen = f"{name}#{number}"
        self.names.add(chosen)
        return chosen

    def lay_out(self, moved: Activation, shape: tuple[int, ...], module: str) -> Activation:
        """Return the activation whose value has its elements where torch has them.

        Args:
            moved: perhaps with an `order`.
            shape: that torch gives it, batch first.
            module: that reads it, for the error.

        Raises:
            ExportError: a few operators do not make that order.
        """
        held = self.shapes.get(moved.value)
        if moved.order is None or held is None:
            return moved
        target = image_shape(shape) or folded(shape)
        key = (moved.value, id(moved.order), target)
        if key not in self.laid_out:
            steps = steps_to(moved.order.reshape(target), held)
            if steps is None:
                found = f"elements of an image {held} moved to {shape} in an order of their own"
                works = "slices, transposes, channel and pixel shuffles, one after the other"
                raise unsupported(module, found, works)
            value = moved.value
            for step in steps:
                name = self.unique(moved.name)
                self.nodes.append(Node(step.op, name, (value,), step.constants, step.attributes))
                value = name
            self.shapes[value] = target
            self.laid_out[key] = (moved.order, Activation(value))
        return self.laid_out[key][1]

    def unknown(self, fx: FxNode) -> Activation:
        """Return an activation for what a refused call gives."""
        name = self.unique(f"{fx.name}?")
        shape = image_shape(shape_of(fx)) if "val" in fx.meta else None
        if shape is not None:
            self.shapes[name] = shape
        return Activation(name, known=False)
