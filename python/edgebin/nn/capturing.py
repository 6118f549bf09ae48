"""Whether the exporter is looking: then each layer shows itself as one operator.

A flag of ours beside torch's `is_exporting`, which some versions (2.11) also answer with true to
`torch.compile`, whose networks are trained. It refuses to guess: nobody but the exporter sets it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

_depth = 0


@contextmanager
def capture_operators() -> Iterator[None]:
    """While it lasts, `torch.export` sees `capture_ops` instead of the insides of our layers."""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1


def capturing() -> bool:
    """True in a forward that the exporter traces, and in no other thread's."""
    return _depth > 0 and torch.compiler.is_exporting()
