"""Checks the options of `load` before the core gets them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from edgebin import _core
from edgebin.deprecated import warn
from edgebin.errors import OptionError

_MAX_THREADS = 256
_MAX_ARENA_BYTES = 2**31
_OLD_KERNELS = {"byte": "u8s8", "real": "f32"}
"""Names of kernels in edgebin 0.1 -> their names."""


def isas() -> tuple[str, ...]:
    """Return the instruction sets that this machine can run, best first."""
    return tuple(_core.isas())


def check_threads(threads: object) -> None:
    """Raise OptionError unless it is a number of threads that a run may have."""
    if type(threads) is not int or not 1 <= threads <= _MAX_THREADS:
        raise OptionError(f"threads: expected 1 to {_MAX_THREADS}, found {threads!r}")


def check_isa(isa: object) -> None:
    """Raise OptionError unless it is a string or None; the core knows which names there are."""
    if isa is not None and not isinstance(isa, str):
        raise OptionError(f"isa: expected one of {', '.join(isas())}, found {isa!r}")


def check_pin(pin: object) -> None:
    """Raise OptionError unless it is True or False."""
    if not isinstance(pin, bool):
        raise OptionError(f"pin: expected True or False, found {pin!r}")


def check_arena(most: object) -> None:
    """Raise OptionError unless it is None or a limit of the arena, in bytes."""
    if most is not None and (type(most) is not int or not 1 <= most <= _MAX_ARENA_BYTES):
        raise OptionError(f"max_arena_bytes: expected 1 to {_MAX_ARENA_BYTES}, found {most!r}")


def current_kernels(kernels: object) -> dict[str, str]:
    """Return layer -> kernel, with kernels named as in 0.1 renamed.

    Raises:
        OptionError: it is neither None nor a mapping of strings.
    """
    if kernels is None:
        return {}
    if not isinstance(kernels, Mapping) or not all(
        isinstance(text, str) for pair in kernels.items() for text in pair
    ):
        raise OptionError(f"kernels: expected names of kernels by layer, found {kernels!r}")
    given = dict(kernels)
    for old in sorted(_OLD_KERNELS.keys() & set(given.values())):
        warn(f'kernels: "{old}"', f'"{_OLD_KERNELS[old]}"', stacklevel=5)
    return {layer: _OLD_KERNELS.get(name, name) for layer, name in given.items()}


def warn_of_core_deprecations() -> None:
    """Warn of deprecated names that the core was given, such as environment variables."""
    for message in _core.deprecations():
        warnings.warn(message, DeprecationWarning, stacklevel=4)
