"""What the C++ core says of its kernels on this machine, and what EDGEBIN_ISA asks it for.

The only place of the doctor that asks the core.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from edgebin.model import isas

_VARIABLE = "EDGEBIN_ISA"


@dataclass(frozen=True, slots=True)
class Kernels:
    """The choice of kernels.

    Args:
        isas: instruction sets that the core can run here, best first.
        asked: value of EDGEBIN_ISA; None where it is not set or empty.
        chosen: what models run on, unless `--isa` or `load(isa=...)` says otherwise; None where
            EDGEBIN_ISA asks for what is not there, so that no model loads.
    """

    isas: tuple[str, ...]
    asked: str | None
    chosen: str | None


def kernels(environment: Mapping[str, str] = os.environ) -> Kernels:
    """Return the choice of kernels under these environment variables."""
    found = isas()
    asked = environment.get(_VARIABLE) or None
    wanted = asked or found[0]
    return Kernels(isas=found, asked=asked, chosen=wanted if wanted in found else None)
