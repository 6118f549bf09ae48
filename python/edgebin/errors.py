"""The errors that edgebin raises for bad input.

Each is one line that names the thing, what was expected and what was found; an `ExportError` with
several refusals has a line more for each that fits. No text is longer than 500 characters. The CLI
prints it and exits with code 2; in Python `EdgebinError` catches all of them. Programming errors
inside edgebin stay ordinary exceptions. `EdgebinWarning` is what edgebin warns of where it goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

# Where str.splitlines parts lines, as Python writes it in a string: a path may hold any of them.
_BREAKS = {ord(c): repr(c)[1:-1] for c in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"}

_LONGEST_LINE = 500  # characters, as csrc/base/error.cc has bytes
_LONGEST_TAIL = 160  # of it what follows the cut: what was found, and the code of a rule
_CUT = " ... "

_PASSED_ON = 240
"""Characters of another library's error that a line takes over."""


def first_line(error: BaseException) -> str:
    """Return the first non-empty line of another library's error, or the name of its type."""
    lines = (line.strip() for line in str(error).splitlines())
    return cut(next(filter(None, lines), type(error).__name__), _PASSED_ON)


def cut(text: str, most: int) -> str:
    """Return a text for an error line, cut after so many characters."""
    return text if len(text) <= most else text[:most] + "..."


def short(value: object, most: int = 40) -> str:
    """Return the repr of a value for an error line, cut after so many characters."""
    text = repr(value)
    return text if len(text) <= most else text[:most] + "..."


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant by a misspelt one, None if none is close."""
    import difflib  # not needed where nothing is wrong

    return next(iter(difflib.get_close_matches(word, list(known), 1, cutoff=0.7)), None)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" for the end of an error line, "" if no known word is close."""
    meant = closest(word, known)
    return f"; did you mean {meant}?" if meant is not None else ""


def bounded_line(text: str) -> str:
    """Return a text as one line of at most 500 characters, without its middle if it is longer."""
    if len(text) > _LONGEST_LINE:
        text = _without_middle(text)  # whatever a caller put into it is not translated as a whole
    line = text.translate(_BREAKS)
    return line if len(line) <= _LONGEST_LINE else _without_middle(line)


def _without_middle(text: str) -> str:
    head = _LONGEST_LINE - _LONGEST_TAIL - len(_CUT)
    return text[:head] + _CUT + text[-_LONGEST_TAIL:]


class EdgebinWarning(UserWarning):
    """Something in a file or a folder that edgebin goes on in spite of, in one line."""


class EdgebinError(Exception):
    """Base of every error that edgebin raises on bad input.

    Args:
        line: what is wrong, for people; a break of lines in it, of a file's name say, is escaped,
            and a line of more than 500 characters loses its middle.
    """

    def __init__(self, line: str = "") -> None:
        """Make it one short line."""
        super().__init__(bounded_line(line))


class ModelFileError(EdgebinError):
    """An `.ebn` file is missing, truncated, damaged or describes an impossible network.

    Args:
        line: what is wrong, for people.
        code: of the rule that is broken, as FORMAT.md lists them; it goes to the end of the line.

    Attributes:
        code: the same; "" where no rule of the format is broken, as when a file cannot be written.
    """

    def __init__(self, line: str, code: str = "") -> None:
        """Append the code to the line."""
        super().__init__(f"{line} [{code}]" if code else line)
        self.code = code


class InputError(EdgebinError):
    """An image or an array does not fit the model."""


class OptionError(EdgebinError):
    """An option, an argument or an environment variable has no such value."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing in a PyTorch network that export refuses; printed, it is one line.

    Attributes:
        module: dotted path of the module in the network; "" for the network itself.
        found: what is there.
        works: what to write instead; "" where nothing is known.
        operator: the operator as torch.export names it; "" where it is about no single one.
        file: of the forward that calls it; "" where none is known, as in a torch.nn.Sequential.
        line: of that file; 0 where none is known.
    """

    module: str
    found: str
    works: str = ""
    operator: str = ""
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Return the line, of at most 500 characters."""
        where = f" ({cut(PurePath(self.file).name, 60)}:{self.line})" if self.file else ""
        whose = f'module "{cut(self.module, 80)}"' if self.module else "the network"
        works = f"; what works: {cut(self.works, 140)}" if self.works else ""
        return f"{whose}{where}: found {cut(self.found, 160)}{works}".translate(_BREAKS)


class ExportError(EdgebinError):
    """A PyTorch network cannot be turned into an `.ebn` file.

    Args:
        line: what is wrong, for people; with refusals, it may be left out.
        refusals: everything in the network that cannot be exported.

    Attributes:
        refusals: the same; empty where an argument is wrong.
    """

    def __init__(self, line: str = "", refusals: Iterable[Refusal] = ()) -> None:
        """Make the line from the refusals where none is given."""
        self.refusals = tuple(refusals)
        if not line and len(self.refusals) == 1:
            line = str(self.refusals[0])
        elif not line and self.refusals:
            line = f"the network: found {len(self.refusals)} things that export refuses"
        super().__init__(line)

    def __str__(self) -> str:
        """Return at most 500 characters: one line, and one more for each refusal that fits."""
        first, *lines = self.lines
        if not lines:
            return first
        text, left = first, len(lines)
        while left:
            longer = f"{text}\n{lines[-left]}"
            if len(longer) + len(_and_more(left - 1)) > _LONGEST_LINE:
                break
            text, left = longer, left - 1
        if left == len(lines):  # not even the first fits
            most = _LONGEST_LINE - len(f"{text}\n...{_and_more(left - 1)}")
            text, left = f"{text}\n{cut(lines[0], most)}", left - 1
        return text + _and_more(left)

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it: one line, and where there are several refusals one more for each."""
        line = super().__str__()
        if len(self.refusals) < 2:
            return (line,)
        return (f"{cut(line, _PASSED_ON)}:", *(f"- {refusal}" for refusal in self.refusals))


def _and_more(count: int) -> str:
    return f"\n- and {count} more; edgebin.check_export lists all" if count else ""


class ExportWarning(EdgebinWarning):
    """What edgebin.export wrote is allowed, but probably not what was meant."""


class RecipeError(EdgebinError):
    """A training recipe has a missing, unknown or impossible entry."""


class DataError(EdgebinError):
    """A data set is missing, incomplete or damaged."""


class CheckpointError(EdgebinError):
    """A training checkpoint is missing, damaged or belongs to another recipe."""
