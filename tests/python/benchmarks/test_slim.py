"""`slim.py` keeps the network: what it packs gives the same logits, and exports."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from benchmark_script import benchmark
from edgebin.errors import CheckpointError
from edgebin.nn.networks import build, check_options
from edgebin.train.checkpoint.checkpoint import load_checkpoint, load_network, save_checkpoint
from edgebin.train.optimizer_state import restore_optimizer
from packed_checkpoint import unpacked
from slim import slimmed

CHECKPOINT = Path(__file__).parents[3] / "docs/models/cifar10-resnet20/first/checkpoint.pt"


def test_the_network_is_kept_and_nothing_else(tmp_path: Path) -> None:
    packed = tmp_path / "new" / "slim.pt.xz"
    assert benchmark("slim", CHECKPOINT, "--output", packed) == 0
    assert packed.stat().st_size < 150_000 < CHECKPOINT.stat().st_size / 10

    slim = unpacked(packed, tmp_path)
    network, checkpoint = load_network(slim)
    trained, _ = load_network(CHECKPOINT)
    images = torch.rand(8, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        exact, kept = trained.double()(images.double()), network.double()(images.double())
    assert (exact - kept).abs().max() < 1e-3 * exact.abs().max()
    assert torch.equal(exact.argmax(1), kept.argmax(1))
    assert checkpoint.optimizer == {"state": {}, "param_groups": []}
    assert checkpoint.raw is None
    assert checkpoint.epoch == load_checkpoint(CHECKPOINT).epoch


def test_an_average_and_a_binary_last_layer_are_kept(tmp_path: Path) -> None:
    options = check_options("vgg_small", {"width": 0.1, "last": "binary", "num_classes": 10})
    network = build("vgg_small", **options)
    weights = network.state_dict()
    checkpoint = dataclasses.replace(
        load_checkpoint(CHECKPOINT), network="vgg_small", options=options, model=weights
    )
    trained = dict.fromkeys(weights, torch.zeros(1))
    save_checkpoint(tmp_path / "averaged.pt", dataclasses.replace(checkpoint, raw=trained))
    assert benchmark("slim", tmp_path / "averaged.pt", "--output", tmp_path / "slim.xz") == 0
    kept = load_checkpoint(unpacked(tmp_path / "slim.xz", tmp_path))
    assert kept.raw is None
    head, latent = kept.model["head.weight"], weights["head.weight"]
    torch.testing.assert_close(head, latent.abs().mean(1, keepdim=True) * latent.sign())
    assert torch.equal(kept.model["stem.conv.weight"], weights["stem.conv.weight"])


def test_it_is_not_resumed(tmp_path: Path) -> None:
    slim = tmp_path / "checkpoint.pt"
    save_checkpoint(slim, slimmed(CHECKPOINT))
    network, checkpoint = load_network(slim)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with pytest.raises(CheckpointError, match="optimizer"):
        restore_optimizer(optimizer, checkpoint.optimizer, slim)


def test_bad_files_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.pt"
    wrong.write_bytes(b"no checkpoint")
    assert benchmark("slim", wrong, "--output", tmp_path / "out.xz") == 2
    assert benchmark("slim", tmp_path / "none.pt", "--output", tmp_path / "out.xz") == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"slim: error: {wrong}: damaged")
    assert second.startswith(f"slim: error: {tmp_path / 'none.pt'}: ")
    assert not (tmp_path / "out.xz").exists()
