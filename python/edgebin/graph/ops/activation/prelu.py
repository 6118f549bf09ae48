"""`prelu`: x where x > 0, else `slope` x, with a slope for each channel."""

from __future__ import annotations

from typing import cast

import numpy as np

from edgebin.graph.ir import Node
from edgebin.graph.ops.activation.elementary import Reals
from edgebin.graph.ops.elementwise.define import Constants, elementwise


def compute(node: Node, x: Reals) -> Reals:
    """Return float32, as x."""
    return np.where(np.greater(x, np.float32(0)), x, cast(Reals, node.constants["slope"]) * x)


PRELU = elementwise("prelu", compute, constants=Constants(("slope",)), since=3)
