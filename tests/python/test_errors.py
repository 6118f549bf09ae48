"""`errors`: whatever a name holds, the message is one line."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import pytest

import edgebin
from edgebin.errors import EdgebinError, ModelFileError, first_line

BREAKS = [c for c in map(chr, range(sys.maxunicode + 1)) if len(f"a{c}b".splitlines()) == 2]


@pytest.mark.parametrize("character", BREAKS, ids=ascii)
def test_a_name_that_breaks_lines_does_not_break_the_message(
    tmp_path: Path, character: str
) -> None:
    with pytest.raises(ModelFileError) as caught:
        edgebin.load(tmp_path / f"a{character}b.ebn")
    assert len(str(caught.value).splitlines()) == 1
    assert f"a{character!r}b".replace("'", "") in str(caught.value)


def test_an_error_survives_the_way_to_another_process() -> None:
    kinds: list[type[EdgebinError]] = [EdgebinError, *EdgebinError.__subclasses__()]
    for kind in kinds:
        error = pickle.loads(pickle.dumps(kind("a\nb: expected c")))
        assert type(error) is kind
        assert str(error) == "a\\nb: expected c"


def test_a_long_line_loses_its_middle() -> None:
    """What was found, and the code of a rule, stand at its end."""
    for text in ("x" * 10**7, "\n" * 10**6, "a\nb" * 300):
        assert len(str(EdgebinError(text))) <= 500
    line = str(ModelFileError(f"/{'x' * 600}: expected a, found b", "file.read"))
    assert len(line) == 500
    assert line.startswith("/xxx")
    assert line.endswith("xxx: expected a, found b [file.read]")
    assert " ... " in line
    assert str(EdgebinError("y" * 500)) == "y" * 500
    again = pickle.loads(pickle.dumps(EdgebinError("z" * 1000)))
    assert str(again) == str(EdgebinError("z" * 1000))


@pytest.mark.parametrize(
    ("message", "expected"),
    [("a", "a"), ("\n  a \nb", "a"), ("", "RuntimeError"), (" \n\t\n", "RuntimeError")],
)
def test_the_first_line_of_an_error_says_something(message: str, expected: str) -> None:
    assert first_line(RuntimeError(message)) == expected
