"""`elu`: x where x > 0, else `alpha` (e^x - 1)."""

from __future__ import annotations

from typing import cast

import numpy as np

from edgebin.graph.ir import Node
from edgebin.graph.ops.activation.elementary import Reals, exponential
from edgebin.graph.ops.elementwise.define import Constants, elementwise
from edgebin.graph.ops.signature import require_reals


def compute(node: Node, x: Reals) -> Reals:
    """Return float32, as x."""
    alpha = cast(Reals, node.constants["alpha"])
    below = alpha * (exponential(x) - np.float32(1))
    return np.where(np.greater(x, np.float32(0)), x, below)


def check(node: Node, channels: int) -> None:
    """Refuse an alpha that is not finite."""
    require_reals(node, "alpha", (1,))


ELU = elementwise(
    "elu", compute, constants=Constants(("alpha",), check=check, per_channel=False), since=3
)
