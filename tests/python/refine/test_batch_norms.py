"""Batch norms that follow a change, exactly where the exact answer is known."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from edgebin.refine.batch_norms import BatchNormUpdater


def _linear(network: nn.Module) -> nn.Linear:
    layer = network.get_submodule("0")
    assert isinstance(layer, nn.Linear)
    return layer


def _network() -> tuple[nn.Sequential, list[Tensor]]:
    generator = torch.Generator().manual_seed(0)
    batches = [torch.randn(50, 3, generator=generator) for _ in range(4)]
    network = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 2))
    norm = network[1]
    assert isinstance(norm, nn.BatchNorm1d)
    norm.running_mean = torch.linspace(-1, 1, 5)
    norm.running_var = torch.linspace(1, 2, 5)
    return network.eval(), batches


def test_without_a_change_nothing_moves() -> None:
    network, batches = _network()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    statistics = BatchNormUpdater(network, lambda: batches)
    statistics.update_buffers()
    for name, value in network.state_dict().items():
        assert torch.allclose(value, before[name]), name
    assert not network.training


def test_an_affine_change_moves_them_as_it_should() -> None:
    network, batches = _network()
    norm = network[1]
    assert isinstance(norm, nn.BatchNorm1d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    mean, var = norm.running_mean.clone(), norm.running_var.clone()
    statistics = BatchNormUpdater(network, lambda: batches)
    with torch.no_grad():
        _linear(network).weight.mul_(3.0)
        _linear(network).bias.mul_(3.0).add_(7.0)
    measured = torch.stack([(network.get_submodule("0")(x) - 7.0) / 3.0 for x in batches]).mean(
        (0, 1)
    )
    statistics.update_buffers()
    assert torch.allclose(norm.running_var, 9 * var, rtol=1e-4)
    assert torch.allclose(norm.running_mean, mean + 2 * measured + 7.0, rtol=1e-4, atol=1e-5)


def test_a_restart_takes_what_was_measured() -> None:
    network, batches = _network()
    duplicate = copy.deepcopy(network)
    for net, again in ((network, False), (duplicate, True)):
        statistics = BatchNormUpdater(net, lambda: batches)
        for step in (2.0, 0.7):
            with torch.no_grad():
                _linear(net).weight.mul_(step).add_(0.1)
            measured = statistics.update_buffers()
            statistics.set_reference(None if again else measured)
    for name, value in network.state_dict().items():
        assert torch.equal(value, duplicate.state_dict()[name]), name


def test_after_a_restart_changes_count_from_there() -> None:
    network, batches = _network()
    norm = network[1]
    assert isinstance(norm, nn.BatchNorm1d)
    statistics = BatchNormUpdater(network, lambda: batches)
    with torch.no_grad():
        _linear(network).bias.add_(1.0)
    statistics.update_buffers()
    assert norm.running_mean is not None
    once = norm.running_mean.clone()
    statistics.set_reference()
    statistics.update_buffers()
    assert torch.allclose(norm.running_mean, once, atol=1e-5)
    with torch.no_grad():
        _linear(network).bias.add_(1.0)
    statistics.update_buffers()
    assert torch.allclose(norm.running_mean, once + 1.0, atol=1e-5)


def test_a_value_that_begins_to_vary_gets_its_variance() -> None:
    network, batches = _network()
    norm = network[1]
    assert isinstance(norm, nn.BatchNorm1d)
    with torch.no_grad():
        _linear(network).weight[2] = 0.0
    statistics = BatchNormUpdater(network, lambda: batches)
    assert norm.running_var is not None
    before = norm.running_var.clone()
    statistics.update_buffers()
    assert torch.allclose(norm.running_var, before)
    with torch.no_grad():
        _linear(network).weight[2] = 1.0
    answers = torch.stack([network.get_submodule("0")(x)[:, 2] for x in batches])
    statistics.update_buffers()
    assert torch.allclose(norm.running_var[2], answers.var(1).mean(), rtol=1e-4)
    with torch.no_grad():
        _linear(network).weight[2] = 0.0
    statistics.update_buffers()
    assert torch.allclose(norm.running_var, before)
