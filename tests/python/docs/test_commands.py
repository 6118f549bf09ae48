"""Commands in documents name what is there: commands, options, scripts, recipes and files."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import typer

from edgebin.cli.app import app
from snippets import ROOT, Block, blocks, commands, documents

# Programs whose commands are not looked at, and why.
OTHERS = {
    "apt": "Debian's",
    "cc": "tests/install builds the example",
    "cmake": "continuous integration builds the presets",
    "convert": "ImageMagick's",
    "ctest": "continuous integration runs the presets",
    "echo": "a shell's",
    "export": "a shell's",
    "find": "lists files",
    "git": "git's",
    "nproc": "a shell's",
    "pip": "continuous integration installs the package and its extras",
    "pytest": "continuous integration runs it",
    "python3": "makes an environment",
    "scp": "needs a board",
    "sudo": "changes the system",
    "torchrun": "tests/python/train/backend starts processes with it",
    "uname": "a shell's",
    "xz": "tests unpack the checkpoints of models/",
}
VARIABLE = re.compile(r"[A-Z_]+=")
FOLDERS = ("benchmarks", "examples", "experiments", "models", "python", "tests", "wheels")
OUTPUTS = ("--output", "-o", "--plot", "--out", "--corpus", "--findings")


def all_commands() -> list[Any]:
    """Return every command of every block of sh, as a case."""
    return [
        pytest.param(words, id=f"{block}: {' '.join(words)}")
        for block in blocks("sh")
        for words in commands(block.text)
    ]


@pytest.mark.parametrize("words", all_commands())
def test_a_command_names_what_is_there(words: list[str]) -> None:
    words = [word for word in words if not VARIABLE.match(word)]
    if not words:
        return
    program, *rest = words
    if program == "edgebin":
        check_edgebin(rest)
    elif program in ("python", "qemu-aarch64-static") or program.startswith("build/"):
        check_files(rest)
        if rest and rest[0].endswith(".py"):
            check_script(Path(rest[0]), rest[1:])
    elif program.startswith((".ci/", "./edgebin-run", "edgebin-run", "wheels/", "./")):
        assert program.startswith("./edgebin-run") or (ROOT / program).exists()
    else:
        assert program in OTHERS or program == ".", program


def check_edgebin(words: list[str]) -> None:
    """Check the name of a command of `edgebin`, its options, and a recipe's name."""
    known: Any = getattr(typer.main.get_command(app), "commands", {})
    assert words[0] in known
    options = {name for parameter in known[words[0]].params for name in parameter.opts}
    used = {word.partition("=")[0] for word in words[1:] if word.startswith("-") and word != "-"}
    assert used <= options | {"--help"}, used - options
    if words[0] == "train" and words[1].islower():
        shipped = files("edgebin") / "train" / "recipe" / "shipped" / f"{words[1]}.toml"
        assert shipped.is_file(), words[1]
    check_files(words)


def check_script(script: Path, words: list[str]) -> None:
    """Check that a script is there and knows these options."""
    source = (ROOT / script).read_text(encoding="utf-8")
    for word in words:
        if word.startswith("--") and word != "--help":
            assert f'"{word.partition("=")[0]}"' in source, word


def check_files(words: list[str]) -> None:
    """Check that files of the repository which a command reads are there."""
    for before, word in zip(["", *words], words, strict=False):
        if before in OUTPUTS or word.startswith("-") or "/" not in word or word.isupper():
            continue
        if word.split("/")[0] in FOLDERS and not re.search(r"[A-Z]{4}|\*", word):
            packed = ROOT / f"{word}.xz"  # unpacked by the command above it
            assert (ROOT / word).exists() or packed.exists(), word


def test_nothing_installs_edgebin_by_a_name_from_a_package_index() -> None:
    """No index has that name yet, so that anybody could register it."""
    named = re.compile(r"pip3? install [^`\n]*?(?<![\w./-])'?(edgebin(?!-[\w.*]*\.whl)\b[^\s`]*)")
    found = [
        f"{path.relative_to(ROOT)}: {match}"
        for path in documents()
        for match in named.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_blocks_have_a_language() -> None:
    unnamed: list[Block] = [block for block in blocks("sh", "console") if not block.text.strip()]
    assert unnamed == []
