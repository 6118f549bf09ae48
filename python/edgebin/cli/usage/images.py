"""The options that tell what weights alone do not: classes, and how images become the input."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgebin.cli.usage.numbers import channel_numbers
from edgebin.errors import OptionError
from edgebin.files.safe_open import read_bounded
from edgebin.graph.preprocessing import Preprocessing

_LARGEST_LIST = 1 << 24


@dataclass(frozen=True, slots=True)
class Images:
    """Options of `edgebin export`, None where they were left out.

    Attributes:
        labels: a text file with a name on each line.
        mean: per channel, in units of 0..1, separated by commas.
        std: the same.
    """

    labels: Path | None
    mean: str | None
    std: str | None

    @property
    def are_given(self) -> bool:
        """Whether any of them is there."""
        return any(value is not None for value in (self.labels, self.mean, self.std))

    def preprocessing(self) -> Preprocessing:
        """Return how images become the input; pixel / 255 where nothing was said."""
        if (self.mean is None) != (self.std is None):
            raise OptionError("--mean, --std: expected both or neither, found one")
        if self.mean is None or self.std is None:
            return Preprocessing((0.0,) * 3, (1.0,) * 3)
        return Preprocessing(
            channel_numbers("--mean", self.mean), channel_numbers("--std", self.std)
        )

    def names(self) -> tuple[str, ...]:
        """Return the names of the classes; none where no file was given.

        Raises:
            OptionError: the file cannot be read, or is no text.
        """
        if self.labels is None:
            return ()
        try:
            text = read_bounded(self.labels, _LARGEST_LIST).decode("utf-8-sig")
        except OSError as error:
            raise OptionError(f"--labels: {self.labels}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise OptionError(f"--labels: {self.labels}: expected text in UTF-8") from None
        return tuple(line.strip() for line in text.splitlines() if line.strip())
