"""What an operator is: a name, type inference with strict checks, and a numpy reference.

The reference is the oracle: FORMAT.md word for word, for a batch of images. It is written to be
read, not to be fast, and it trusts `infer` to have refused whatever does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts
from edgebin.graph.ops.signature import Key

Infer = Callable[[Node, tuple[ValueType, ...]], ValueType]
Reference = Callable[[Node, tuple[Array, ...]], Array]
Macs = Callable[[Node, tuple[ValueType, ...]], int]


def _no_macs(node: Node, types: tuple[ValueType, ...]) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Op:
    """One operator of FORMAT.md.

    Args:
        name: as in the file.
        infer: (node, types of its inputs) -> type of its output; raises ModelFileError, one line,
            for whatever FORMAT.md does not allow.
        reference: (node, its inputs as arrays (N, H, W, C)) -> its output (N, H, W, C). Arrays of
            u8 and of codes are uint8, of f32 float32.
        facts: what passes may rely on; there is no default, so no operator is forgotten.
        keys: its attributes.
        macs: (node, types of its inputs) -> multiply-accumulates per image.
        since: the lowest version of files that may hold it.
        since_for: (types of its inputs) -> the same, where it depends on them.
    """

    name: str
    infer: Infer
    reference: Reference
    facts: Facts
    keys: Mapping[str, Key] = field(default_factory=dict)
    macs: Macs = _no_macs
    since: int = 1
    since_for: Callable[[tuple[ValueType, ...]], int] | None = None

    def version_for(self, types: tuple[ValueType, ...]) -> int:
        """Return the lowest version of files that may hold it with inputs of these types."""
        return self.since if self.since_for is None else self.since_for(types)
