"""The elementary functions of FORMAT.md on float32, each operation rounded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float32]

_ROUND = np.float32(1.5 * 2**23)
_LOG2_E = np.float32(float.fromhex("0x1.715476p+0"))
_LN_2_HIGH = np.float32(float.fromhex("0x1.62e4p-1"))
_LN_2_LOW = np.float32(float.fromhex("0x1.7f7d1cp-20"))
_TAYLOR = tuple(
    np.float32(float.fromhex(text))
    for text in (
        "0x1.a01a02p-13",
        "0x1.6c16c2p-10",
        "0x1.111112p-7",
        "0x1.555556p-5",
        "0x1.555556p-3",
        "0x1p-1",
        "0x1p0",
        "0x1p0",
    )
)


def at_most(x: Reals, limit: np.float32) -> Reals:
    """Return the smaller of x and limit; NaN stays NaN."""
    return np.where(np.greater(x, limit), limit, x)


def at_least(x: Reals, limit: np.float32) -> Reals:
    """Return the larger of x and limit; NaN stays NaN."""
    return np.where(np.less(x, limit), limit, x)


def horner(coefficients: tuple[np.float32, ...], x: Reals) -> Reals:
    """Return a polynomial of x, its highest coefficient first."""
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value


def exponential(x: Reals) -> Reals:
    """Return e^x: 2^n times the Taylor polynomial of degree 7 of e^r, x = n ln 2 + r."""
    c = at_most(at_least(x, np.float32(-104)), np.float32(89))
    rounded = c * _LOG2_E + _ROUND
    n = rounded - _ROUND
    r = (c - n * _LN_2_HIGH) - n * _LN_2_LOW
    exponent = np.where(np.isnan(n), np.float32(0), n).astype(np.int32)
    half = exponent >> 1
    return horner(_TAYLOR, r) * _power_of_two(half) * _power_of_two(exponent - half)


def relu6_of_plus_3(x: Reals) -> Reals:
    """Return min(max(x + 3, 0), 6)."""
    return at_most(at_least(x + np.float32(3), np.float32(0)), np.float32(6))


def _power_of_two(n: npt.NDArray[np.int32]) -> Reals:
    return ((n + 127) << 23).astype(np.int32).view(np.float32)
