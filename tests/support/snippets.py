"""The code in the documents: fenced blocks, and the commands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a document.

    Args:
        path: of the document, from the root of the repository.
        heading: above the block, or "".
        language: behind the fence, or "".
        text: between the fences.
    """

    path: str
    heading: str
    language: str
    text: str

    def __str__(self) -> str:
        """Name a test case."""
        return f"{self.path}: {self.heading}"


def documents() -> list[Path]:
    """Return every document of the repository."""
    folders = (
        "",
        "docs",
        "docs/design",
        "benchmarks",
        "experiments",
        "models/*",
        "tests",
        "tests/*/*",
    )
    return [path for folder in folders for path in sorted(ROOT.glob(f"{folder}/*.md".lstrip("/")))]


def blocks(*languages: str) -> list[Block]:
    """Return the blocks of all documents in these languages."""
    return [block for path in documents() for block in _blocks(path) if block.language in languages]


def block(path: str, heading: str, language: str) -> Block:
    """Return the one block of a document in this language under a heading."""
    (found,) = (b for b in _blocks(ROOT / path) if (b.heading, b.language) == (heading, language))
    return found


def commands(text: str) -> list[list[str]]:
    """Return the commands of a block of sh as lists of words, without comments and redirections."""
    lines = (re.sub(r"(^|\s)#.*", "", line) for line in text.replace("\\\n", " ").splitlines())
    parts = (part for line in lines for part in re.split(r"&&|\|\||;|\|", line))
    found = (shlex.split(part) for part in parts)
    return [words[: words.index(">")] if ">" in words else words for words in found if words]


def _blocks(path: Path) -> Iterator[Block]:
    text = path.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", text[: found.start()]), re.MULTILINE)
        heading = headings[-1] if headings else ""
        yield Block(path.relative_to(ROOT).as_posix(), heading, found[1], found[2])
