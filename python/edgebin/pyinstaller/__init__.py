"""The hook that PyInstaller finds by edgebin's entry point: what a frozen program needs of it.

A program that calls `edgebin.load` is frozen with the core, the shipped models and the version.
PyTorch and what needs it (`edgebin.export`, `edgebin.convert`, `edgebin.train`) are imported by
name only when they are used, so they are left out unless the program is frozen with
`--collect-submodules edgebin`.
"""

from __future__ import annotations

from pathlib import Path


def hook_dirs() -> list[str]:
    """Return the folders of hooks, for the entry point `pyinstaller40`."""
    return [str(Path(__file__).parent)]
