"""Reports whether a machine is set up well for edgebin, and what to change.

`report` collects the facts, `system` describes the operating system and Python, `kernels` what the
C++ core chooses, and `advice` holds rules over a report. Facts about the hardware come from
`edgebin.machine`; the command line prints the result.
"""

from __future__ import annotations

from edgebin.doctor.advice import Advice, advise
from edgebin.doctor.report import Report, examine

__all__ = ["Advice", "Report", "advise", "examine"]
