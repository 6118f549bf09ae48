"""Tables and facts: no trailing blanks, no broken words, numbers at the right."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from edgebin.cli.terminal.console import rounded
from edgebin.cli.terminal.table import Column, shortened, table_lines, wrapped_facts

COLUMNS = (Column("name", shrinks=True), Column("shape", optional=True), Column("ms", right=True))
ROWS = [("conv", "3x3", "1.5"), ("a.very.long.name.of.a.layer", "16x16", "12.25")]


def test_numbers_are_at_the_right_and_no_line_ends_in_blanks() -> None:
    assert table_lines(COLUMNS, ROWS, width=80) == [
        "name                         shape     ms",
        "conv                         3x3      1.5",
        "a.very.long.name.of.a.layer  16x16  12.25",
    ]
    assert table_lines([Column("a"), Column("b")], [("x", "")], width=80) == ["a  b", "x"]


def test_a_narrow_terminal_leaves_out_the_optional_column_first() -> None:
    assert table_lines(COLUMNS, ROWS, width=35) == [
        "name                            ms",
        "conv                           1.5",
        "a.very.long.name.of.a.layer  12.25",
    ]


def test_then_long_names_lose_their_middle() -> None:
    lines = table_lines(COLUMNS, ROWS, width=24)
    assert lines[2] == "a.very.l….a.layer  12.25"
    assert max(map(cell_len, lines)) == 24
    assert "..." in table_lines(COLUMNS, ROWS, width=24, ascii_only=True)[2]


def test_a_table_without_headings_has_none() -> None:
    assert table_lines([Column(), Column(right=True)], [("a", "1"), ("b", "22")], width=80) == [
        "a   1",
        "b  22",
    ]


@pytest.mark.parametrize("size", range(3, 12))
def test_a_shortened_text_fills_its_place(size: int) -> None:
    assert cell_len(shortened("layer2.0.shortcut", size)) == size
    assert cell_len(shortened("畳み込み層の名前", size)) == size
    assert shortened("short", 5) == "short"


def test_facts_wrap_between_words_only() -> None:
    facts = [
        ("labels", "French horn, chain saw"),
        ("", "more"),
        ("path", "/a/path/without/any/blank"),
    ]
    assert wrapped_facts(facts, width=20) == [
        "labels  French horn,",
        "        chain saw",
        "        more",
        "path    /a/path/without/any/blank",
    ]
    assert wrapped_facts(facts, width=1000)[0] == "labels  French horn, chain saw"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (640, "640"), (18_432, "18.4 k"), (2_359_296, "2.36 M"), (115_605_504, "116 M")],
)
def test_counts_have_three_digits(count: int, text: str) -> None:
    assert rounded(count) == text
