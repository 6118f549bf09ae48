"""Tiny networks: one thread is faster than two, and other tests may be running."""

from __future__ import annotations

import torch

torch.set_num_threads(1)
