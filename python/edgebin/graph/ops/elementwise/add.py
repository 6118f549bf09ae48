"""`add`: the sum of two f32 values, which broadcast."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ops.elementwise.arithmetic import arithmetic

ADD = arithmetic("add", np.add)
