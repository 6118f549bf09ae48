"""`strip.py` keeps the network: the stripped checkpoint gives the same logits."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from edgebin.errors import CheckpointError
from edgebin.nn import BinaryConv2d
from edgebin.nn.networks import build, check_options
from edgebin.train.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from edgebin.train.checkpoint.network import load_network
from edgebin.train.optimizer.state import restore_optimizer
from processes.benchmark_script import benchmark
from strip import stripped
from training.packed_checkpoint import unpacked

SHIPPED = Path(__file__).parents[3] / "models/cifar10-resnet20/checkpoint.pt.xz"


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A checkpoint as training writes it: latent weights, and the momentum of an optimizer."""
    shipped = unpacked(SHIPPED, tmp_path)
    network, checkpoint = load_network(shipped)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, BinaryConv2d):
                sizes = torch.rand(module.weight.shape, generator=generator) + 0.5
                module.weight.mul_(sizes / sizes.mean((1, 2, 3), keepdim=True))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    for parameter in network.parameters():
        parameter.grad = torch.rand(parameter.shape, generator=generator)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    optimizer.step()
    path = tmp_path / "trained.pt"
    state = optimizer.state_dict()
    save_checkpoint(path, dataclasses.replace(checkpoint, model=before, optimizer=state))
    return path


def test_the_network_is_kept_and_nothing_else(trained: Path, tmp_path: Path) -> None:
    packed = tmp_path / "new" / "stripped.pt.xz"
    assert benchmark("strip", trained, "--output", packed) == 0
    assert packed.stat().st_size < 150_000 < trained.stat().st_size / 10

    network, checkpoint = load_network(unpacked(packed, tmp_path))
    latent, _ = load_network(trained)
    images = torch.rand(8, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        exact, kept = latent.double()(images.double()), network.double()(images.double())
    assert (exact - kept).abs().max() < 1e-3 * exact.abs().max()
    assert torch.equal(exact.argmax(1), kept.argmax(1))
    assert checkpoint.optimizer == {"state": {}, "param_groups": []}
    assert checkpoint.raw is None
    assert checkpoint.epoch == load_checkpoint(trained).epoch


def test_an_average_and_a_binary_last_layer_are_kept(trained: Path, tmp_path: Path) -> None:
    options = check_options("vgg_small", {"width": 0.1, "last": "binary", "num_classes": 10})
    network = build("vgg_small", **options)
    weights = network.state_dict()
    checkpoint = dataclasses.replace(
        load_checkpoint(trained), network="vgg_small", options=options, model=weights
    )
    raw = dict.fromkeys(weights, torch.zeros(1))
    save_checkpoint(tmp_path / "averaged.pt", dataclasses.replace(checkpoint, raw=raw))
    assert benchmark("strip", tmp_path / "averaged.pt", "--output", tmp_path / "stripped.xz") == 0
    kept = load_checkpoint(unpacked(tmp_path / "stripped.xz", tmp_path))
    assert kept.raw is None
    head, latent = kept.model["head.weight"], weights["head.weight"]
    torch.testing.assert_close(head, latent.abs().mean(1, keepdim=True) * latent.sign())
    assert torch.equal(kept.model["stem.conv.weight"], weights["stem.conv.weight"])


def test_it_is_not_resumed(trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, stripped(trained))
    network, checkpoint = load_network(path)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with pytest.raises(CheckpointError, match="optimizer"):
        restore_optimizer(optimizer, checkpoint.optimizer, path)


def test_bad_files_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.pt"
    wrong.write_bytes(b"no checkpoint")
    assert benchmark("strip", wrong, "--output", tmp_path / "out.xz") == 2
    assert benchmark("strip", tmp_path / "none.pt", "--output", tmp_path / "out.xz") == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"strip: error: {wrong}: damaged")
    assert second.startswith(f"strip: error: {tmp_path / 'none.pt'}: ")
    assert not (tmp_path / "out.xz").exists()
