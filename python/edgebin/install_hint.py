"""The pip command that installs what a feature needs, from where the user stands.

No package index is known to carry edgebin, so the command never names edgebin on an index: it names
a source tree, or the packages themselves.
"""

from __future__ import annotations

import json
import platform
import re
import shlex
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

_PACKAGES = {"train": ("torch",), "plot": ("matplotlib",)}  # where there is no metadata
_CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
_NAME = re.compile(r'^name\s*=\s*"edgebin"', re.MULTILINE)


def install_command(extra: str) -> str:
    """Return a pip command for the packages of an extra.

    Args:
        extra: name of an optional dependency group of pyproject.toml, such as "train".

    Returns:
        `pip install '.[train]'` in a source tree of edgebin; the same with the tree's path where
        edgebin was installed from a tree that still exists; else the command for the packages
        themselves, such as `pip install 'torch>=2.7'`.
    """
    if _is_source_tree(Path()):
        return f"pip install {shlex.quote(f'.[{extra}]')}"
    tree = _installed_from()
    if tree is not None:
        return f"pip install {shlex.quote(f'{tree}[{extra}]')}"
    return f"pip install {' '.join(map(shlex.quote, _packages(extra)))}"


def install_torch() -> str:
    """Return a pip command for PyTorch, for the end of an error line.

    Where the PyTorch of the package index is gigabytes of CUDA, it also names the CPU build.
    """
    command = install_command("train")
    if not sys.platform.startswith("linux") or platform.machine() != "x86_64":
        return command
    torch = " ".join(shlex.quote(name) for name in _packages("train") if name.startswith("torch"))
    torch = torch or "torch"
    return f"{command}; without a GPU, first: pip install {torch} --index-url {_CPU_BUILDS}"


def _is_source_tree(folder: Path) -> bool:
    try:
        return _NAME.search((folder / "pyproject.toml").read_text()) is not None
    except (OSError, UnicodeDecodeError):
        return False


def _installed_from() -> Path | None:
    """Return the source tree that edgebin runs or was installed from, if it is still there."""
    trees = [Path(__file__).resolve().parents[2]]
    try:
        record = distribution("edgebin").read_text("direct_url.json")  # PEP 610
    except PackageNotFoundError:
        record = None
    url = urlsplit(json.loads(record)["url"]) if record else None
    if url is not None and url.scheme == "file":
        trees.append(Path(unquote(url.path)))
    return next(filter(_is_source_tree, trees), None)


def _packages(extra: str) -> tuple[str, ...]:
    """Return the requirements of an extra, without edgebin's own other extras."""
    try:
        requirements = distribution("edgebin").requires or []
    except PackageNotFoundError:
        return _PACKAGES[extra]
    split = [requirement.partition(";") for requirement in requirements]
    return tuple(
        name.strip()
        for name, _, marker in split
        if re.fullmatch(rf"\s*extra\s*==\s*['\"]{re.escape(extra)}['\"]\s*", marker)
        and not name.startswith("edgebin")
    )
