"""Where in the user's code a call was made: the module, the file and the line of its forward."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import torch
from torch import nn
from torch.fx import Node as FxNode

import edgebin

_FRAME = re.compile(r'^\s*File "(.+)", line (\d+), in ', re.MULTILINE)
_LIBRARIES = tuple(f"{Path(package.__path__[0])}/" for package in (torch, edgebin))

_STANDARD = f"{sysconfig.get_path('stdlib')}/"


@dataclass(frozen=True, slots=True)
class Location:
    """A line of a file; "" and 0 where none is known."""

    file: str = ""
    line: int = 0


def call_location(fx: FxNode) -> Location:
    """Return the line of the user's code that led to a traced call.

    It is the innermost frame that belongs neither to torch nor to edgebin: of a layer of torch.nn
    the line of the forward that calls it.
    """
    frames = _FRAME.findall(str(fx.meta.get("stack_trace") or ""))
    return _innermost((file, int(line)) for file, line in frames)


def error_location(error: BaseException, model: nn.Module) -> tuple[str, Location]:
    """Return the module and the line of the user's code that raised while it was traced.

    Args:
        error: what was raised; its causes are searched too.
        model: the network that was traced.

    Returns:
        The dotted path of the module whose method it was, "" where none is known, and the line.
    """
    names = {id(module): name for name, module in model.named_modules()}
    module, found = "", Location()
    seen: BaseException | None = error
    while seen is not None and not found.file:
        for file, line, owner in _frames(seen.__traceback__):
            if _is_users(file):
                found = Location(file, line)
                module = names.get(id(owner), module)
        seen = seen.__cause__ or seen.__context__
    return module, found


def module_path(fx: FxNode) -> str:
    """Return the dotted path of the module that made a call; "" in the network itself."""
    stack = list((fx.meta.get("nn_module_stack") or {}).values())
    return str(stack[-1][0]) if stack else ""


def module_kind(fx: FxNode) -> str:
    """Return the class name of the module that made a call; empty in the root."""
    stack = list((fx.meta.get("nn_module_stack") or {}).values())
    kind = stack[-1][1] if stack else ""
    return kind.rpartition(".")[2] if isinstance(kind, str) else str(kind.__name__)


def _innermost(frames: Iterable[tuple[str, int]]) -> Location:
    users = [Location(file, line) for file, line in frames if _is_users(file)]
    return users[-1] if users else Location()


def _is_users(file: str) -> bool:
    is_pythons = file.startswith(_STANDARD) and "-packages" not in file
    return not is_pythons and not file.startswith((*_LIBRARIES, "<"))


def _frames(traceback: TracebackType | None) -> Iterable[tuple[str, int, object]]:
    while traceback is not None:
        frame = traceback.tb_frame
        yield frame.f_code.co_filename, traceback.tb_lineno, frame.f_locals.get("self")
        traceback = traceback.tb_next
