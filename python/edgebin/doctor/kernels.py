"""What the C++ core says of its kernels on this machine, and what EDGEBIN_ISA asks it for.

The only place of the doctor that asks the core.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from edgebin import _core
from edgebin.errors import OptionError
from edgebin.runtime.model import isas

_VARIABLE = "EDGEBIN_ISA"
_PRODUCT = "EDGEBIN_PRODUCT"


@dataclass(frozen=True, slots=True)
class Kernels:
    """The choice of kernels.

    Args:
        isas: instruction sets that the core can run here, best first.
        asked: value of EDGEBIN_ISA; None where it is not set or empty.
        chosen: what models run on, unless `--isa` or `load(isa=...)` says otherwise; None where
            EDGEBIN_ISA asks for what is not there, so that no model loads.
        product: what multiplies codes by bits there, "lookup" or "bit_serial"; None where nothing
            is chosen, or EDGEBIN_PRODUCT asks for what is not there.
        asked_product: value of EDGEBIN_PRODUCT; None where it is not set or empty.
    """

    isas: tuple[str, ...]
    asked: str | None
    chosen: str | None
    product: str | None
    asked_product: str | None


def kernels(environment: Mapping[str, str] = os.environ) -> Kernels:
    """Return the choice of kernels under these environment variables."""
    found = isas()
    asked = environment.get(_VARIABLE) or None
    wanted = asked or found[0]
    chosen = wanted if wanted in found else None
    return Kernels(
        isas=found,
        asked=asked,
        chosen=chosen,
        product=None if chosen is None else _product(chosen),
        asked_product=environment.get(_PRODUCT) or None,
    )


def _product(isa: str) -> str | None:
    try:
        return _core.product(isa)
    except OptionError:
        return None
