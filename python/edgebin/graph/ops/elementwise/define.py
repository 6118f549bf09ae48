"""What elementwise operators share: one shape in and out, constants per channel, no attributes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgebin.graph.ir import Array, DType, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    output_type,
    read_attributes,
    refusal,
    require_inputs,
    require_reals,
    require_roles,
)

CheckConstants = Callable[[Node, int], None]


@dataclass(frozen=True, slots=True)
class Constants:
    """Constants of an elementwise operator.

    Args:
        required: roles that have to be there.
        optional: roles that may be there.
        check: (node, channels) -> None; raises what FORMAT.md does not allow. By default each is
            finite float32 with one entry per channel.
        per_channel: whether they have an entry for each channel.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    check: CheckConstants | None = None
    per_channel: bool = True


def elementwise(
    name: str,
    compute: Callable[..., Array],
    *,
    takes: tuple[tuple[DType, ...], ...] = (("f32",),),
    gives: DType = "f32",
    constants: Constants = Constants(),
    since: int = 1,
) -> Op:
    """Return an operator that computes each element from the same element of its inputs.

    Args:
        name: as in FORMAT.md.
        compute: (node, *inputs) -> output, all arrays (N, H, W, C) of the types below.
        takes: types that each input may have.
        gives: type of the output.
        constants: that it has.
        since: the lowest version of files that may hold it.
    """

    def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
        require_inputs(node, types, *takes)
        require_roles(node, constants.required, constants.optional)
        read_attributes(node, {})
        first = types[0]
        for other in types[1:]:
            if other.shape != first.shape:
                reason = f"takes two inputs of one shape, found {first} and {other}"
                raise refusal(node, "node.shape", reason)
        check = constants.check or _require_finite
        check(node, first.shape[2])
        return output_type(node, gives, first.shape)

    def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
        return compute(node, *inputs)

    roles = (*constants.required, *constants.optional) if constants.per_channel else ()
    return Op(name, infer, reference, Facts(Family.ELEMENTWISE, roles), since=since)


def _require_finite(node: Node, channels: int) -> None:
    for role in node.constants:
        require_reals(node, role, (channels,))
