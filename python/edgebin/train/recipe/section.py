"""One section of a recipe, read strictly: every key taken once, by type and range.

A failure is a RecipeError of one line that names file, section, key, the expected and the found.
Nothing is converted: a string is no number, a bool is no integer; only an integer may stand where a
float is expected.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NoReturn

from edgebin.errors import RecipeError, closest, short, suggestion

_MISSING = object()


class Section:
    """A table of a recipe that forgets a key when it is taken.

    Args:
        source: the file, for messages.
        name: the table's name, for messages.
        table: what the file holds there.
    """

    def __init__(self, source: str, name: str, table: Mapping[str, object]) -> None:
        """Copy the table; nothing is checked yet."""
        self.source = source
        self.name = name
        self.left = dict(table)
        self._known: list[str] = []

    def fail(self, key: str, expected: str, found: object, hint: str = "") -> NoReturn:
        """Raise the RecipeError for a key of this section; the hint ends its line."""
        description = "nothing" if found is _MISSING else short(found)
        raise RecipeError(
            f"{self.source}: [{self.name}] {key}: expected {expected}, found {description}{hint}"
        )

    def check_known(self, key: str, known: Sequence[str]) -> None:
        """Raise RecipeError if a key is none of those; it names the one that was meant."""
        if key not in known:
            value = short(self.left.get(key))
            raise RecipeError(
                f"{self.source}: [{self.name}] {key}: expected no such key, found {value}"
                f"{suggestion(key, known)}"
            )

    def _take(self, key: str, default: object, expected: str) -> object:
        self._known.append(key)
        value = self.left.pop(key, default)
        if value is _MISSING:
            for other in self.left:  # a misspelt key is named instead of the one that is missing
                if closest(other, (key,)) is not None:
                    self.check_known(other, (key,))
            self.fail(key, expected, value)
        return value

    def boolean(self, key: str, default: object = _MISSING) -> bool:
        """Take a bool."""
        value = self._take(key, default, "true or false")
        if not isinstance(value, bool):
            self.fail(key, "true or false", value)
        return value

    def integer(self, key: str, default: object = _MISSING, *, least: int, most: int) -> int:
        """Take an integer in least..most."""
        expected = f"an integer in {least}..{most}"
        value = self._take(key, default, expected)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.fail(key, expected, value)
        return value

    def count_or_share(self, key: str, default: int, *, most: int) -> int | float:
        """Take an integer in 0..most, or a share of the whole, a number above 0 and below 1."""
        expected = f"an integer in 0..{most} or a share between 0 and 1"
        value = self._take(key, default, expected)
        if isinstance(value, float) and 0.0 < value < 1.0:
            return value
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            self.fail(key, expected, value)
        return value

    def number(
        self,
        key: str,
        default: object = _MISSING,
        *,
        above: float = -math.inf,
        least: float,
        most: float,
    ) -> float:
        """Take a finite number in least..most and greater than above, as a float."""
        expected = f"a number in {least:g}..{most:g}"
        if above == least:
            expected = f"a number above {least:g} and at most {most:g}"
        value = self._take(key, default, expected)
        if not isinstance(value, int | float) or isinstance(value, bool):
            self.fail(key, expected, value)
        if not (least <= value <= most and value > above):  # as NaN is not
            self.fail(key, expected, value)
        return float(value)

    def choice(self, key: str, choices: Sequence[str], default: object = _MISSING) -> str:
        """Take one of some strings."""
        expected = f"one of {', '.join(choices)}"
        value = self._take(key, default, expected)
        if not isinstance(value, str) or value not in choices:
            hint = suggestion(value, choices) if isinstance(value, str) else ""
            self.fail(key, expected, value, hint)
        return value

    def numbers(
        self,
        key: str,
        count: int,
        default: object = _MISSING,
        *,
        above: float = -math.inf,
        least: float,
        most: float,
    ) -> tuple[float, ...]:
        """Take a list of that many numbers, each as in `number`."""
        expected = f"a list of {count} numbers"
        value = self._take(key, default, expected)
        if not isinstance(value, list | tuple) or len(value) != count:
            self.fail(key, expected, value)
        inner = Section(self.source, self.name, {})
        numbers = []
        for entry in value:
            inner.left[key] = entry
            numbers.append(inner.number(key, above=above, least=least, most=most))
        return tuple(numbers)

    def labels(self, key: str) -> dict[str, str]:
        """Take a table of printable texts, none empty and none there twice; empty by default."""
        expected = "a table of labels by folder"
        value = self._take(key, {}, expected)
        if not isinstance(value, Mapping):
            self.fail(key, expected, value)
        labels = set()
        for name, label in value.items():
            if not isinstance(name, str) or not name.isprintable():
                self.fail(key, "printable names of folders", name)
            if not isinstance(label, str) or not label.isprintable() or label != label.strip():
                self.fail(f"{key}.{name}", "a printable text without spaces around it", label)
            if not label or label in labels:
                self.fail(f"{key}.{name}", "a label that no other folder has", label)
            labels.add(label)
        return dict(value)

    def finish(self) -> None:
        """Raise RecipeError if a key was never taken."""
        for key in self.left:
            self.check_known(key, self._known)
