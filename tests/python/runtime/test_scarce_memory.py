"""Where the system refuses memory, Python raises MemoryError and goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgebin.graph.format import write
from graphs.sketch import Sketch, network

SCRIPT = """
import resource, sys
import edgebin

pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (128 << 20)
_, hard = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
try:
    edgebin.load(sys.argv[1])
except MemoryError:
    print("refused")
print(edgebin.load(sys.argv[2]).name)
"""


def written(path: Path, side: int) -> Path:
    """Write a network that scales images of that side: 4 bytes a pixel."""
    sketch = Sketch((side, side, 1))
    y = sketch.reals(np.random.default_rng(0))
    write(network(sketch.graph(y)), path)
    return path


@pytest.mark.usefixtures("python")
def test_an_arena_that_the_system_refuses_is_a_memory_error(tmp_path: Path) -> None:
    large = written(tmp_path / "large.ebn", 10_000)
    small = written(tmp_path / "small.ebn", 10)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(large), str(small)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["refused", "sketch"], done.stderr
