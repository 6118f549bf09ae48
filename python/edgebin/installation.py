"""Loads the compiled core, and says what is wrong where it cannot be loaded.

Importing this module is the check: `edgebin` does so before anything that needs the core.
"""

from __future__ import annotations

import importlib
import sys
import sysconfig
from pathlib import Path


def _reason(folder: Path, error: ImportError) -> str:
    """Return what is wrong with the package in a folder."""
    archive = next((path for path in folder.parents if path.is_file()), None)
    if archive is not None:
        return (
            f"edgebin: expected an installed package, found {archive}: Python cannot load a "
            "compiled module from a zip archive; unpack it, or install edgebin beside it"
        )
    wanted = f"_core{sysconfig.get_config_var('EXT_SUFFIX') or '.so'}"
    if (folder / wanted).is_file():
        return f"edgebin: {folder / wanted} cannot be loaded: {error}"
    others = sorted(path.name for path in folder.glob("_core*.so"))
    found = ", ".join(others) or "none"
    version = ".".join(map(str, sys.version_info[:2]))
    return (
        f"edgebin: expected {wanted} in {folder}, built for this Python {version}, found {found}; "
        "install edgebin with this Python's pip"
    )


try:
    importlib.import_module("edgebin._core")
except ImportError as _error:
    raise ImportError(_reason(Path(__file__).parent, _error), name="edgebin._core") from _error
