"""Makes the modules of `benchmarks/` importable: experiments share their options and result files.

Imported for this effect, before the first of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

_BENCHMARKS = str(Path(__file__).resolve().parent.parent / "benchmarks")

if _BENCHMARKS not in sys.path:
    sys.path.append(_BENCHMARKS)
