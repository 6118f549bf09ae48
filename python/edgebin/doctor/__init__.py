"""Says how a machine stands for running edgebin, and what to change.

The rooms: `report` (all facts at one moment), `system` (what runs on the machine), `kernels` (what
the C++ core takes) and `advice` (rules over a report). Facts of the hardware are read by
`edgebin.machine`; printing is the command line's business.
"""

from __future__ import annotations

from edgebin.doctor.advice import Advice, advise
from edgebin.doctor.report import Report, examine

__all__ = ["Advice", "Report", "advise", "examine"]
