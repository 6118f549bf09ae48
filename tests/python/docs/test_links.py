"""Links in documents lead somewhere, and the README is as short as it promises to be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from snippets import ROOT, documents

README_LINES, README_WORDS = 120, 1000


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = []
    for link in links:
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            missing.append(link)
    assert missing == []


def test_the_readme_is_short() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= README_LINES
    assert len(text.split()) <= README_WORDS


FOLDERS = ("benchmarks", "csrc", "docs", "examples", "experiments", "models", "tests", "wheels")
# Where things stood in 0.1.0, as results and cards say.
FORMER = (
    "benchmarks/ladder.py",
    "benchmarks/accuracy.py",
    "benchmarks/agreement.py",
    "benchmarks/slim.py",
    "docs/models",
)
# Paths below the folders that the text is about, which stand before them where a reader looks.
BELOW = ("", "csrc/", "csrc/include/", "python/edgebin/", "experiments/")


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_paths_in_the_text_are_there(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    named = re.findall(r"`([\w.\-]+(?:/[\w.\-]+)+)/?`", text)
    missing = [
        name
        for name in named
        if not re.search(r"[A-Z]{4}", name)
        and not name.startswith(FORMER)
        and (name.split("/")[0] in FOLDERS or Path(name).suffix in (".py", ".cc", ".h", ".toml"))
        and not any(
            (base / (below + name)).exists() for base in (ROOT, path.parent) for below in BELOW
        )
    ]
    assert missing == []
