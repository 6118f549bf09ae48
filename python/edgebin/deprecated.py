"""Names of edgebin 0.1 that changed: each keeps working through 0.2.x, with a DeprecationWarning.

`MOVED` has the module paths that the documentation of 0.1 shows, `renamed_argument` keeps an old
keyword of a function, `renamed_attribute` an old attribute of a class, `renamed_names` the old
names of a module.
"""

from __future__ import annotations

import functools
import importlib
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

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
        warn(module.__name__, new)
        target = importlib.import_module(new)
        module.__doc__ = target.__doc__
        names = getattr(target, "__all__", None) or [n for n in vars(target) if n[0] != "_"]
        module.__dict__.update({name: getattr(target, name) for name in names}, __all__=names)
        if "__getattr__" in vars(target):
            module.__dict__["__getattr__"] = vars(target)["__getattr__"]


class _Finder(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, _Forwarding()) if fullname in MOVED else None


def forward_moved_modules() -> None:
    """Make the old paths importable: found last, so that no other import is slower for it."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())


def renamed_argument(old: str, new: str) -> Callable[[Function], Function]:
    """Decorate a function that takes the argument `new`, so that it takes the keyword `old` too."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if old in kwargs:
                name = function.__qualname__.removesuffix(".__init__")
                warn(f"{name}: argument {old}", new)
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        call.renamed_arguments = {old: new} | getattr(function, "renamed_arguments", {})  # type: ignore[attr-defined]
        return cast("Function", call)

    return decorate


def renamed_names(module: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a `__getattr__` for a module: it gives what `names` maps an old name to."""

    def read(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        warn(f"{module}.{name}", names[name])
        return getattr(sys.modules[module], names[name])

    return read


def renamed_attribute(old: str, new: str) -> property:
    """Return a property that reads the attribute `new`, for a class where it was called `old`."""

    def read(instance: object) -> Any:
        warn(f"{type(instance).__name__}.{old}", new)
        return getattr(instance, new)

    return property(read, doc=f"The old name of `{new}`.")


def warn(old: str, new: str, *, stacklevel: int = 3) -> None:
    """Warn that a name of edgebin 0.1 was used, in the words of the C++ core.

    Args:
        old: the name.
        new: what to use instead.
        stacklevel: whose line is shown, as in `warnings.warn`; 2 is the caller's.
    """
    warnings.warn(f"{old} is deprecated, use {new}", DeprecationWarning, stacklevel=stacklevel)
