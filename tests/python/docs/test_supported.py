"""docs/supported.md: what the exporter's table says, and every module of it is exported."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from edgebin.exporter import check_export
from edgebin.exporter.aten import LOWERINGS
from supported_page import MODULES, SECTIONS, page

PAGE = Path(__file__).parents[3] / "docs/supported.md"


def test_the_page_is_what_the_table_says() -> None:
    command = "python tests/support/supported_page.py docs/supported.md"
    assert PAGE.read_text(encoding="utf-8") == page(), f"stale: run {command}"


def test_the_page_has_every_lowering() -> None:
    files = {file.__name__ for several in SECTIONS.values() for file in several}
    assert {lowering.__module__ for lowering in LOWERINGS.values()} == files
    assert set(MODULES) <= set(LOWERINGS)


@pytest.mark.parametrize(
    ("operator", "name"), [(op, name) for op, names in MODULES.items() for name in names]
)
def test_modules_of_the_page_are_exported(operator: str, name: str) -> None:
    make, shape = MODULES[operator][name]
    module = nn.Sequential(nn.ReLU(), make()).eval()  # an input alone is no output
    assert check_export(module, torch.zeros(shape), inputs="float32") == ()
