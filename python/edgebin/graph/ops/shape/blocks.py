"""What `depth_to_space` and `space_to_depth` share: the attribute `block`."""

from __future__ import annotations

from edgebin.graph.ops.signature import Key

KEYS = {"block": Key(1, 2**12)}
