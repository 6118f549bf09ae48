"""What a machine says of itself, read from /proc and /sys.

The rooms: `files` (the one seam: all that is read lies under a root), `board`, `cores`, `clocks`,
`heat`, `throttling`, `raspberry_pi`, `jetson` and `memory` (a reader each), `process` (who reads),
and `record` (what a measurement must say about the machine it was made on). What a machine does not
tell is None, never guessed; no file, whatever is in it, makes a reader fail.
"""

from __future__ import annotations

from edgebin.machine.memory import peak_memory
from edgebin.machine.record import Machine, look

__all__ = ["Machine", "look", "peak_memory"]
