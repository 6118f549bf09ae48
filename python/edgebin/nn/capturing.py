"""Whether the exporter is tracing, in which case each layer shows itself as a single operator.

torch's own `is_exporting` is not enough: in torch 2.11 it is also true under `torch.compile`, whose
networks are trained. Both flags belong to the process: while one thread exports, no other may
train. Only the exporter sets this one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_one_at_a_time = threading.RLock()
_wanted = False


@contextmanager
def capture_operators() -> Iterator[None]:
    """Make `torch.export` see `capture_ops` instead of the layers, while it lasts."""
    global _wanted
    with _one_at_a_time:
        before, _wanted = _wanted, True
        try:
            yield
        finally:
            _wanted = before


def capturing() -> bool:
    """Return whether the exporter is tracing this forward."""
    return _wanted and torch.compiler.is_exporting()
