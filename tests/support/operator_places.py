"""Every place that has to know an operator, and which of them do not know one.

"How to add" in ARCHITECTURE.md names the same files.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from edgebin import _core
from edgebin.converter.kinds import LEFT, OPERATORS
from edgebin.exporter.dialect import DIALECT
from edgebin.exporter.evaluate import RULES
from edgebin.graph.ops import OPS

ROOT = Path(__file__).parents[2]
DRAWN = (
    "tests/support/graphs/every_operator.py",
    "tests/support/graphs/networks.py",
    "tests/soak/stress_cases.py",
)
SHARED = (
    "tests/support/graphs/sketch.py",
    "tests/support/graphs/activations.py",
    "tests/support/graphs/moves.py",
)


def text_of(path: str) -> str:
    """Return a file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def rows_of_format() -> set[str]:
    """Return the operators that have a row in FORMAT.md."""
    table = text_of("FORMAT.md").partition("\n## Operators\n")[2].partition("\nWindow:")[0]
    rows = re.findall(r"^\| (`[^|]*`) \|", table, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def compiled() -> set[str]:
    """Return the names of the source files of csrc/ops, without folder; an operator has one."""
    return set(re.findall(r"(\w+)\.cc\b", text_of("csrc/ops/CMakeLists.txt")))


def drawn(path: str) -> set[str]:
    """Return the strings of a Python file that adds nodes to a `Sketch`, and of what they share."""
    nodes = [node for file in (path, *SHARED) for node in ast.walk(ast.parse(text_of(file)))]
    return {str(node.value) for node in nodes if isinstance(node, ast.Constant)}


def cases() -> set[str]:
    """Return the operators that have a case in a test, by themselves or drawn in `strategies`."""
    tests = sorted((ROOT / "tests/python/graph/ops").rglob("test_*.py"))
    paths = [str(path.relative_to(ROOT)) for path in tests]
    return set().union(*map(drawn, [*paths, "tests/support/graphs/strategies.py"]))


def converted() -> set[str]:
    """Return the operators that conversion knows, and those that it need not know."""
    named = {name for names in (*OPERATORS.values(), LEFT) for name in names}
    return named | {name for name, op in OPS.items() if not op.facts.moves_codes}


PLACES: dict[str, Callable[[], set[str]]] = {
    "FORMAT.md": rows_of_format,
    "python/edgebin/graph/ops/__init__.py": lambda: set(OPS),
    "csrc/ops/CMakeLists.txt": compiled,
    "csrc/ops/list.cc": lambda: set(_core.operators()),
    "python/edgebin/exporter/evaluate.py": lambda: set(RULES) - set(DIALECT),
    "python/edgebin/converter/kinds.py": converted,
    "tests/python/graph/ops": cases,
    **{path: partial(drawn, path) for path in DRAWN},
}
"""File -> the operators that it knows, perhaps among other names."""


def missing() -> set[tuple[str, str]]:
    """Return (file, operator) for each operator that some list has and this file does not."""
    lists = (set(OPS), set(_core.operators()), rows_of_format(), set(RULES) - set(DIALECT))
    known = set().union(*lists)
    return {(place, name) for place, names in PLACES.items() for name in known - names()}
