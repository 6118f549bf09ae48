"""Conversion keeps what a network computes, up to the quantisation of activations."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import edgebin
from edgebin import converter
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn import HWGQ, BinaryConv2d, BinaryLinear
from edgebin.train.data.cifar10 import ImageTensor
from edgebin.train.data.source import DataSet
from torch_networks.float_networks import NETWORKS, BasicBlock, accuracy, images, train, trained


def _with_relus(network: nn.Module, instead_of: type[nn.Module]) -> nn.Module:
    """The same without quantisation or clips: what HWGQ approximates in its place."""
    for name, module in list(network.named_modules()):
        if isinstance(module, instead_of):
            network.set_submodule(name, nn.ReLU())
    return network


@pytest.mark.parametrize("name", NETWORKS)
def test_with_relus_for_hwgq_it_is_the_float_network(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scales, in norms old and new and in weights, cancel; batch norms keep their statistics."""
    monkeypatch.setattr(converter, "recalibrate", lambda graph, batches, norms: None)
    model, (x, _) = trained(name, steps=5), images(300, seed=1)
    network = _with_relus(edgebin.convert(model, x, weights="float32").network, HWGQ)
    with torch.no_grad():
        expected, found = _with_relus(model, nn.ReLU6)(x), network(x)
    assert float((found - expected).abs().max()) <= 2e-5 * float(expected.abs().max())


class Shuffled(nn.Module):
    """Channels change places, and pixels are repeated, between a ReLU and what reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
        self.layer, self.norm = nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8)
        self.last = nn.Conv2d(8, 3, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = F.channel_shuffle(self.stem(x), 4)
        y = F.pad(F.interpolate(y, scale_factor=2), (1, 0, 2, 1))
        result: Tensor = self.last(F.relu(self.norm(self.layer(y)))).mean((2, 3))
        return result


def test_scales_follow_the_channels_of_what_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converter, "recalibrate", lambda graph, batches, norms: None)
    torch.manual_seed(1)
    model, x = Shuffled().eval(), torch.rand(8, 3, 10, 10)
    nn.init.uniform_(model.stem[1].weight, 0.2, 3.0)  # type: ignore[arg-type]
    converted = edgebin.convert(model, x, weights="float32").network
    assert sum(isinstance(module, HWGQ) for module in converted.modules()) == 1
    with torch.no_grad():
        expected, found = model(x), _with_relus(converted, HWGQ)(x)
    assert float((found - expected).abs().max()) <= 2e-5 * float(expected.abs().max())


@pytest.mark.parametrize("name", ["resnet", "pre-activation", "vgg", "vgg without norms"])
def test_real_weights_stay_close_and_binary_ones_learn_back(name: str) -> None:
    model, (x, _), (unseen, unseen_labels) = trained(name), images(1920), images(500, seed=1)
    before = accuracy(model, unseen, unseen_labels)
    activations_alone = edgebin.convert(model, x[:256], weights="float32").network
    assert before > 0.65, "the test's own network has not learned"
    assert accuracy(activations_alone, unseen, unseen_labels) > before - 0.08
    binary = edgebin.convert(model, x[:256]).network
    with torch.no_grad():
        taught = model(x)
    train(binary, x, taught, loss=F.mse_loss)
    assert accuracy(binary, unseen, unseen_labels) > 0.7 * before


@pytest.mark.parametrize("name", ["resnet", "pre-activation", "vgg", "vgg without norms"])
def test_the_nearest_level_is_nearer(name: str) -> None:
    model, (x, _), (unseen, _) = trained(name), images(256), images(500, seed=1)
    errors = []
    for thresholds in ("nearest", "half-wave"):
        network = edgebin.convert(model, x, weights="float32", thresholds=thresholds).network
        with torch.no_grad():
            errors.append(float((network(unseen) - model(unseen)).norm()))
    assert errors[0] < 0.95 * errors[1]


def test_the_given_network_stays_as_it_is() -> None:
    model, (x, _) = trained("resnet", steps=5), images(64)
    state, shown = copy.deepcopy(model.state_dict()), repr(model)
    network = edgebin.convert(model, x).network
    train(network, x, model(x).detach(), loss=F.mse_loss)
    assert repr(model) == shown
    assert not model.training
    assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())


@pytest.mark.parametrize("name", NETWORKS)
def test_both_kinds_of_weights_have_one_state(name: str) -> None:
    model, (x, _) = trained(name, steps=5), images(128)
    real = edgebin.convert(model, x, weights="float32", first="int8").network
    binary = edgebin.convert(model, x, last="int8").network
    binary.load_state_dict(real.state_dict())
    for key, value in binary.named_parameters():
        assert torch.equal(value, real.get_parameter(key)), key
    kinds = {type(module) for module in binary.modules()}
    assert kinds & {BinaryConv2d, BinaryLinear}
    assert not {type(module) for module in real.modules()} & {BinaryConv2d, BinaryLinear}


def test_it_takes_what_a_loader_gives() -> None:
    model, (x, labels) = trained("vgg", steps=5), images(150)
    loader = [(x[:70], labels[:70]), (x[70:], labels[70:])]
    for given in (loader, iter(x.split(50))):  # type: ignore[no-untyped-call]
        states = [edgebin.convert(model, it).network.state_dict() for it in (x, given)]
        assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


@pytest.mark.parametrize("count", [300, 40])
def test_of_a_data_set_it_takes_training_images_normalised_and_not_augmented(count: int) -> None:
    generator = torch.Generator().manual_seed(3)
    pixels = torch.randint(256, (count, 3, 16, 16), generator=generator, dtype=torch.uint8)
    train_part = ImageTensor(pixels, torch.zeros(count, dtype=torch.int64), pad=4, flip=True)
    scale = (0.2, 0.25, 0.3)
    preprocessing = Preprocessing((0.5, 0.4, 0.3), scale, resize=16, input_size=16)
    data = DataSet(("a",), preprocessing, train_part, None, None)
    chosen = torch.randperm(count, generator=torch.Generator().manual_seed(0))[:256]
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in (preprocessing.mean, scale))
    model = trained("vgg", steps=5)
    random_state = torch.get_rng_state()
    states = [
        edgebin.convert(model, given).network.state_dict()
        for given in (data, data, (pixels[chosen] / 255 - mean) / std)
    ]
    assert torch.equal(torch.get_rng_state(), random_state)
    for state in states[1:]:
        assert all(torch.equal(state[key], value) for key, value in states[0].items())


def test_what_stands_before_all_quantisation_keeps_its_statistics() -> None:
    model, (x, _) = trained("resnet", steps=5), images(128, seed=2)
    state = edgebin.convert(model, x).network.state_dict()
    assert torch.equal(state["bn1.running_var"], model.state_dict()["bn1.running_var"])
    assert not torch.equal(
        state["layer1.0.bn1.running_var"], model.state_dict()["layer1.0.bn1.running_var"]
    )


def test_statistics_behind_binary_layers_are_those_of_the_images() -> None:
    model, (x, _) = trained("vgg", steps=5), images(64)
    network = edgebin.convert(model, x).network
    read: list[Tensor] = []
    norm = network.get_submodule("features.4")
    norm.register_forward_pre_hook(lambda module, args: read.append(args[0]))
    with torch.no_grad():
        network(x)
    assert isinstance(norm, nn.BatchNorm2d)
    torch.testing.assert_close(norm.running_mean, read[0].mean((0, 2, 3)), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(norm.running_var, read[0].var((0, 2, 3)), atol=1e-4, rtol=1e-3)
    assert norm.momentum == 0.1


def test_others_who_read_a_relu_still_read_real_values() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), BasicBlock(4, 4, 1), nn.Conv2d(4, 2, 1)
    ).eval()
    network = edgebin.convert(model, images(64)[0]).network
    for name in ("3.bn2.weight", "3.bn2.bias"):
        network.get_parameter(name).data.zero_()
        model.get_parameter(name).data.zero_()
    x, _ = images(8, seed=3)
    with torch.no_grad():  # the block gives its input, and that is not quantised
        torch.testing.assert_close(network(x), model(x))


def test_dropout_functions_follow_the_mode_again() -> None:
    class Dropping(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.dropout(F.relu(self.b(F.relu(self.a(x)))), 0.5, self.training)
            y: Tensor = self.c(x.mean((2, 3)))
            return y

    network = edgebin.convert(Dropping().eval(), images(64)[0]).network
    x, _ = images(4)
    assert torch.equal(network(x), network(x))
    network.train()
    assert not torch.equal(network(x), network(x))
