"""The kernels that the C++ core chooses on this machine, and what environment variables request.

The only file of the doctor that calls the core.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from edgebin import _core
from edgebin.errors import OptionError
from edgebin.runtime.options import isas

_VARIABLE = "EDGEBIN_ISA"
_CONV_ALGO_VARIABLES = ("EDGEBIN_CONV_ALGO", "EDGEBIN_PRODUCT")  # the second one until 0.3


@dataclass(frozen=True, slots=True)
class Kernels:
    """The choice of kernels.

    Args:
        isas: instruction sets that the core can run here, best first.
        requested: value of EDGEBIN_ISA; None where it is not set or empty.
        chosen: what models run on, unless `--isa` or `load(isa=...)` says otherwise; None where
            EDGEBIN_ISA asks for what is not there, so that no model loads.
        conv_algorithm: of binary convolutions there, "matrix_tiles", "lookup" or "bit_serial"; None
            where no instruction set is chosen, or the environment asks for what is not there.
        conv_algorithm_variable: the environment variable that asks for an algorithm; None where
            none does.
        requested_conv_algorithm: its value.
    """

    isas: tuple[str, ...]
    requested: str | None
    chosen: str | None
    conv_algorithm: str | None
    conv_algorithm_variable: str | None
    requested_conv_algorithm: str | None


def kernels(environment: Mapping[str, str] = os.environ) -> Kernels:
    """Return the choice of kernels under these environment variables."""
    found = isas()
    requested = environment.get(_VARIABLE) or None
    wanted = requested or found[0]
    chosen = wanted if wanted in found else None
    variable = next((name for name in _CONV_ALGO_VARIABLES if environment.get(name)), None)
    return Kernels(
        isas=found,
        requested=requested,
        chosen=chosen,
        conv_algorithm=None if chosen is None else _conv_algo(chosen),
        conv_algorithm_variable=variable,
        requested_conv_algorithm=None if variable is None else environment[variable],
    )


def _conv_algo(isa: str) -> str | None:
    try:
        return _core.conv_algo(isa)
    except OptionError:
        return None
