"""What `edgebin export` reads: trainings of edgebin, weights of its networks, untrained networks.

Files of other tools are named for what they are, with the line of Python that exports them. Nothing
in a file is run: weights are read with weights_only, after their sizes have been checked.
"""

from __future__ import annotations

from edgebin.sources.source import Source
from edgebin.sources.training import from_checkpoint
from edgebin.sources.untrained import calibrate, untrained
from edgebin.sources.weights import from_weights

__all__ = ["Source", "calibrate", "from_checkpoint", "from_weights", "untrained"]
