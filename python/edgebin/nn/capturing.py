"""Whether the exporter is looking: then each layer shows itself as one operator.

A flag of ours beside torch's `is_exporting`, which torch 2.11 answers with true to `torch.compile`
too, whose networks are trained. Both flags are the process's: while one thread exports, no other
may train. It refuses to guess: nobody but the exporter sets it.
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
    """While it lasts, `torch.export` sees `capture_ops` instead of the insides of our layers."""
    global _wanted
    with _one_at_a_time:
        before, _wanted = _wanted, True
        try:
            yield
        finally:
            _wanted = before


def capturing() -> bool:
    """True in a forward that the exporter traces."""
    return _wanted and torch.compiler.is_exporting()
