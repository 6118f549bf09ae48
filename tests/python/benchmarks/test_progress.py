"""A benchmark says what it is at, also where there is no terminal."""

from __future__ import annotations

import io

from rich.console import Console

from progress import each


def test_a_line_stands_before_each_item_where_there_is_no_terminal() -> None:
    notes = Console(file=io.StringIO(), width=40, record=True)
    seen = []
    for item in each(["[one]", "two"], "models", notes):
        seen.append((item, notes.export_text(clear=False)))
    assert seen == [
        ("[one]", "models: 1 of 2, [one]\n"),
        ("two", "models: 1 of 2, [one]\nmodels: 2 of 2, two\n"),
    ]


def test_a_terminal_has_a_bar() -> None:
    notes = Console(file=io.StringIO(), width=60, force_terminal=True, record=True)
    assert list(each([1, 2], "models", notes)) == [1, 2]
    assert "models" in notes.export_text()
