"""Runs a peer's model on one image repeatedly and writes the logits of the last run.

    python run_image.py PEER PRECISION MODEL SIDE ANSWER.json image [image ...]

It runs in the emulated Python, where edgebin is not installed, and imports only what the peer
needs. Each word `image` is one more run on the same image, with one thread.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from runtimes import PEERS
from runtimes.peer import Job


def main() -> int:
    """Load, run, write."""
    peer, precision, model, side, answer, *images = sys.argv[1:]
    loaded = PEERS[peer].load(Job(peer, model, precision, 1, int(side)))
    loaded.feed()
    for _ in images:
        logits = np.asarray(loaded.run(), dtype=np.float64).ravel()
    Path(answer).write_text(json.dumps(logits.tolist()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
