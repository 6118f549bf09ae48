"""Checks the options of `load` before the core gets them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from edgebin import _core
from edgebin.deprecated import warn
from edgebin.errors import OptionError, short
from edgebin.integers import as_integer

_MAX_THREADS = 256
_MAX_ARENA_BYTES = 2**31
_OLD_KERNELS = {"byte": "u8s8", "real": "f32"}
"""Names of kernels in edgebin 0.1 -> their names."""


def isas() -> tuple[str, ...]:
    """Return the instruction sets that this machine can run, best first."""
    return tuple(_core.isas())


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of `load`, checked; `threads` and the like may be numpy integers.

    Attributes:
        threads: of one run.
        isa: name of an instruction set, None for the best.
        kernels: by layer.
        pin: whether threads are pinned.
        max_arena_bytes: limit of working memory, None for the most that any network may have.
    """

    threads: int = 1
    isa: str | None = None
    kernels: Mapping[str, str] = field(default_factory=dict)
    pin: bool = False
    max_arena_bytes: int | None = None

    def of_core(self) -> dict[str, Any]:
        """Return the arguments of the core's `Model`."""
        return {
            "isa": self.isa or "",
            "threads": self.threads,
            "kernels": dict(self.kernels),
            "pin": self.pin,
            "max_arena_bytes": self.max_arena_bytes or 0,
        }


def checked_options(
    *, threads: object, isa: object, kernels: object, pin: object, max_arena_bytes: object
) -> RunOptions:
    """Return the options of `load`, in Python's own types.

    Raises:
        OptionError: one has another type or range. The core knows which instruction sets and
            kernels there are.
    """
    return RunOptions(
        threads=checked_threads(threads),
        isa=checked_isa(isa),
        kernels=_current_kernels(kernels),
        pin=_checked_pin(pin),
        max_arena_bytes=None if max_arena_bytes is None else _checked_arena(max_arena_bytes),
    )


def checked_threads(threads: object) -> int:
    """Return a number of threads that a run may have; raise OptionError for any other."""
    return checked_integer("threads", threads, 1, _MAX_THREADS)


def checked_isa(isa: object) -> str | None:
    """Return the name or None; raise OptionError for another type."""
    if isa is not None and not isinstance(isa, str):
        raise OptionError(f"isa: expected one of {', '.join(isas())}, found {short(isa)}")
    return isa


def check_isa(isa: str) -> None:
    """Raise OptionError, in the core's words, for an instruction set that is not there."""
    _core.combinations(isa, 1)


def checked_integer(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return an integer within bounds as an int; raise OptionError for anything else."""
    integer = as_integer(value)
    if integer is None or integer < least or (most is not None and integer > most):
        bounds = f"at least {least}" if most is None else f"{least} to {most}"
        raise OptionError(f"{name}: expected {bounds}, found {short(value)}")
    return integer


def _checked_pin(pin: object) -> bool:
    if isinstance(pin, bool | np.bool_):
        return bool(pin)
    raise OptionError(f"pin: expected True or False, found {short(pin)}")


def _checked_arena(most: object) -> int:
    return checked_integer("max_arena_bytes", most, 1, _MAX_ARENA_BYTES)


def _current_kernels(kernels: object) -> dict[str, str]:
    """Return layer -> kernel, with kernels named as in 0.1 renamed.

    Raises:
        OptionError: it is neither None nor a mapping of strings.
    """
    if kernels is None:
        return {}
    if not isinstance(kernels, Mapping) or not all(
        isinstance(text, str) for pair in kernels.items() for text in pair
    ):
        raise OptionError(f"kernels: expected names of kernels by layer, found {short(kernels)}")
    given = dict(kernels)
    for old in sorted(_OLD_KERNELS.keys() & set(given.values())):
        warn(f'kernels: "{old}"', f'"{_OLD_KERNELS[old]}"', stacklevel=6)
    return {layer: _OLD_KERNELS.get(name, name) for layer, name in given.items()}


def warn_of_core_deprecations() -> None:
    """Warn of deprecated names that the core was given, such as environment variables."""
    for message in _core.deprecations():
        warnings.warn(message, DeprecationWarning, stacklevel=4)
