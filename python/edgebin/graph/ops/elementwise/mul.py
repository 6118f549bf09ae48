"""`mul`: the product of two f32 values, which broadcast."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ops.elementwise.arithmetic import arithmetic

MUL = arithmetic("mul", np.multiply, since=3)
