r"""Machines for tests: trees of files as /proc and /sys have them, written by hand.

`machine/trees/NAME.txt` holds a machine in one text. No board was asked: contents follow the
documented formats. The first line says what it is, the second `process ARCHITECTURE BITS CORES`
what runs on it; then each file of the tree is a line `== PATH` and its lines. In a path `{0-3}` or
`{0,4}` stands for several files, in a file of such a path `{}` for the number; `\0` is NUL. A file
that starts with `#!` can be executed.
"""

from __future__ import annotations

import re
from pathlib import Path

from edgebin.machine.files import core_list
from edgebin.machine.process import Process

_TREES = Path(__file__).parents[1] / "python/machine/trees"
NAMES = tuple(sorted(path.stem for path in _TREES.glob("*.txt")))


def plant(name: str, root: Path) -> Process:
    """Write a machine's files under `root` and return the process that runs on it."""
    head, *files = (_TREES / f"{name}.txt").read_text().split("\n== ")
    for file in files:
        path, _, content = file.partition("\n")
        braces = re.search(r"\{(.+)\}", path)
        for number in core_list(braces[1]) if braces else (0,):
            target = root / re.sub(r"\{.+\}", str(number), path)
            numbered = content.replace("{}", str(number)) if braces else content
            write(target, numbered.replace("\\0", "\0").rstrip("\n") + "\n")
    word, architecture, bits, cores = head.splitlines()[1].split()
    assert word == "process"
    return Process(architecture, int(bits), int(cores), "3.11.2")


def write(path: Path, content: str) -> None:
    """Write one file of a tree."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    if content.startswith("#!"):
        path.chmod(0o755)
