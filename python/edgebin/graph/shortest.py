"""Single-precision numbers of a file as people write them."""

from __future__ import annotations

import numpy as np


def shortest(value: float) -> float:
    """Return the shortest decimal that rounds to the same float32: 0.1 for 0.10000000149."""
    return float(str(np.float32(value)))
