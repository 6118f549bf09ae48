"""The working memory of the networks that ship: no more than what is in use at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import edgebin
from edgebin import _core
from edgebin.nn.networks import NETWORKS, build

SIDES = {"vgg_small": 32, "resnet20": 32, "resnet18": 64, "alexnet": 63}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_arena_is_what_is_in_use_at_once(name: str, tmp_path: Path) -> None:
    """Within 5 %, on every instruction set, with one thread and with two."""
    side = SIDES[name]
    torch.manual_seed(0)
    network = build(name, num_classes=10, input_size=side, width=0.5, first="int8", last="int8")
    path = tmp_path / "network.ebn"
    edgebin.export(network.eval(), torch.zeros(1, 3, side, side), path)
    for isa in _core.isas():
        for threads in (1, 2):
            info = _core.Model(str(path), isa, threads).info
            assert info.live_bytes <= info.arena_bytes <= 1.05 * info.live_bytes
