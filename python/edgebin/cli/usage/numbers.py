"""Parsers of numbers in options; a number out of range is one line, worded as in edgebin-run."""

from __future__ import annotations

import math
from collections.abc import Callable

from edgebin.errors import OptionError


def whole_number(option: str, minimum: int, maximum: int | None = None) -> Callable[[str], int]:
    """Make a parser of whole numbers.

    Args:
        option: its name, for the error line.
        minimum: the smallest number that is accepted.
        maximum: the largest; None sets no limit.

    Returns:
        A function from text to number that raises OptionError.
    """

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or value < minimum or (maximum is not None and value > maximum):
            raise OptionError(
                f"{option}: expected {_bounds(minimum, maximum)}, found {_quoted(text)}"
            )
        return value

    return parse


def whole_numbers(option: str, text: str, minimum: int) -> tuple[int, ...]:
    """Return the different whole numbers of a list such as "1,2,4".

    Raises:
        OptionError: one of them is no whole number, or below the minimum.
    """
    parse = whole_number(option, minimum)
    return tuple(dict.fromkeys(parse(part) for part in text.split(",")))


def positive_number(option: str, maximum: float) -> Callable[[str], float]:
    """Make a parser of real numbers above 0; arguments as for `whole_number`."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 < value <= maximum:
            expected = f"a number above 0 and at most {maximum:g}"
            raise OptionError(f"{option}: expected {expected}, found {_quoted(text)}")
        return value

    return parse


def share(text: str) -> tuple[int, int]:
    """Return number and count of a share such as "2/8" of --shard.

    Raises:
        OptionError: it is no such share, or its number is not between 1 and the count.
    """
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and len(text) <= 20) or not 1 <= int(
        number
    ) <= int(count):
        raise OptionError(f"--shard: expected I/N, such as 1/4 to 4/4, found {_quoted(text)}")
    return int(number), int(count)


def channel_numbers(option: str, text: str) -> tuple[float, ...]:
    """Return numbers that are separated by commas, as in 0.5,0.45,0.4; one for each channel.

    Raises:
        OptionError: they are no numbers.
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise OptionError(
            f"{option}: expected numbers separated by commas, found {_quoted(text)}"
        ) from None


def _bounds(minimum: int, maximum: int | None) -> str:
    return f"at least {minimum}" if maximum is None else f"{minimum} to {maximum}"


def _quoted(text: object) -> str:
    return f'"{text}"'
