"""Module paths of edgebin 0.1 that moved: importing one warns and gives the module's new place.

Only the paths that the documentation of 0.1 shows are kept, through 0.2.x.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "edgebin.format": "edgebin.graph.format",
    "edgebin.preprocess": "edgebin.runtime.preprocess",
    "edgebin.train.recipe_file": "edgebin.train.recipe.file",
    "edgebin.train.refine": "edgebin.refine",
}


class _Forwarding(Loader):
    """Makes a module that takes every name from the module at the new path."""

    def create_module(self, spec: ModuleSpec) -> None:
        """Let the import system create the module."""

    def exec_module(self, module: ModuleType) -> None:
        new = MOVED[module.__name__]
        warnings.warn(
            f"{module.__name__} has moved to {new}; the old path goes away after edgebin 0.2",
            DeprecationWarning,
            stacklevel=2,
        )
        target = importlib.import_module(new)
        module.__doc__ = target.__doc__
        names = getattr(target, "__all__", None) or [n for n in vars(target) if n[0] != "_"]
        module.__dict__.update({name: getattr(target, name) for name in names}, __all__=names)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, _Forwarding()) if fullname in MOVED else None


def forward_moved_modules() -> None:
    """Make the old paths importable: found last, so that no other import is slower for it."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
