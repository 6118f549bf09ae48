"""What a machine reports about itself in /proc and /sys.

All files are read through `files`, below a root that tests replace. `board`, `cores`, `clocks`,
`heat`, `throttling`, `raspberry_pi`, `jetson` and `memory` are readers, `process` describes the
running process, and `record` is what a measurement records about its machine. `activity` has what
the machine is busy with and what limits this process. An unknown fact is None, never a guess, and
no file makes a reader fail, whatever it contains.
"""

from __future__ import annotations

from edgebin.machine.memory import peak_memory
from edgebin.machine.record import Machine, look

__all__ = ["Machine", "look", "peak_memory"]
