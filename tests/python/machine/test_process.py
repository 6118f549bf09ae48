from __future__ import annotations

import struct

from edgebin.machine.process import this_process


def test_this_process() -> None:
    process = this_process()
    assert process.bits == 8 * struct.calcsize("P")
    assert process.cores >= 1
    assert process.python.startswith("3.")
