"""Which layer becomes what, and the reason given where one stays."""

from __future__ import annotations

import copy
import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
import torch
import torch.fx
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import prune

import edgebin
from edgebin import converter
from edgebin.converter import ConvertedLayer
from edgebin.nn import HWGQ, BinaryConv2d, Int8Conv2d, Int8Linear
from torch_networks.float_networks import ResNet, grouped, images

X = images(32)[0]


def _rows(model: nn.Module, **options: object) -> dict[str, ConvertedLayer]:
    converted = edgebin.convert(model.eval(), X, **options)  # type: ignore[arg-type]
    return {row.name: row for row in converted.layers}


def _around(*layers: nn.Module) -> nn.Sequential:
    """Layers after a first one of four channels and before a binary and a last one."""
    start: list[nn.Module] = [nn.Conv2d(3, 4, 3), nn.ReLU()]
    end = [nn.ReLU(), nn.Conv2d(4, 4, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)]
    return nn.Sequential(*start, *layers, *end)


def _hooked(layer: nn.Module) -> nn.Module:
    layer.register_forward_hook(lambda module, inputs, output: None)
    return layer


class Doubled(nn.Module):
    """Its layer's weight is no parameter, but computed from one."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3)
        self.latent = nn.Parameter(self.conv.weight.detach() / 2)
        del self.conv.weight
        self.conv.weight = 2 * self.latent.detach()

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.conv(x)
        return logits


KEPT: dict[str, tuple[list[nn.Module], str, str]] = {
    "average": (
        [nn.AvgPool2d(2), nn.Conv2d(4, 4, 3)],
        "3",
        'comes from AvgPool2d "2", not from a ReLU',
    ),
    "no activation": ([nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3)], "3", 'BatchNorm2d "2"'),
    "another": ([nn.Conv2d(4, 4, 3), nn.SiLU(), nn.Conv2d(4, 4, 3)], "4", 'SiLU "3"'),
    "padding": ([nn.Conv2d(4, 4, 3, 1, 1, padding_mode="circular")], "2", "'circular'"),
    "one-sided": ([nn.Conv2d(4, 4, 2, padding="same")], "2", "one-sided"),
    "ours": ([BinaryConv2d(4, 4, 3)], "2", "a BinaryConv2d, not a plain torch.nn layer"),
    "computed": ([Doubled()], "2.conv", "computed from other parameters"),
    "hooked": ([_hooked(nn.Conv2d(4, 4, 3))], "2", "has hooks, which a new layer would not have"),
    "hooked relu": (
        [_hooked(nn.ReLU()), nn.Conv2d(4, 4, 3)],
        "3",
        'its input comes from ReLU "2", which has hooks',
    ),
    "hooked pool": (
        [nn.ReLU(), _hooked(nn.MaxPool2d(2)), nn.Conv2d(4, 4, 3)],
        "4",
        'its input comes from MaxPool2d "3", which has hooks',
    ),
    "twice": ([(twice := nn.Conv2d(4, 4, 3)), nn.ReLU(), twice], "2", "called 2 times"),
}


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("name", KEPT)
def test_what_cannot_be_binary_is_kept_with_its_reason(name: str) -> None:
    layers, layer, reason = KEPT[name]
    row = _rows(_around(*copy.deepcopy(layers)), exportable=False)[layer]
    assert row.was == row.became
    assert reason in row.why


@pytest.mark.parametrize("keep", ["layer1.0.conv1", "layer1.0", "layer1"])
def test_keep_leaves_what_it_names_and_all_in_it(keep: str) -> None:
    rows = _rows(ResNet(), keep=[keep])
    for name, row in rows.items():
        if row.was == "Conv2d" and name != "conv1":
            inside = name == keep or name.startswith(f"{keep}.")
            assert row.became == ("Conv2d" if inside else "BinaryConv2d"), name
            assert row.why == ("listed in keep" if inside else "")


def test_relus_and_batch_norms_that_are_kept_stay_as_they_are() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)),
        *(nn.ReLU(), nn.Conv2d(4, 4, 3), nn.Flatten(), nn.Linear(400, 2)),
    ).eval()
    rows = {row.name: row for row in edgebin.convert(model, X, keep=["2"]).layers}
    assert rows["3"].became == "Conv2d"
    assert '"2", which is listed in keep' in rows["3"].why
    assert rows["6"].became == "BinaryConv2d"
    assert "2" not in rows
    network = edgebin.convert(model, X, keep=["1"]).network
    norm, same = network.get_submodule("1"), model[1]
    for name, value in same.state_dict().items():
        assert torch.equal(value, norm.state_dict()[name])


def _expect_the_same_with_relus(model: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a ReLU for each HWGQ a converted network computes what the model does."""
    monkeypatch.setattr(converter, "recalibrate", lambda graph, batches, norms: None)
    network = edgebin.convert(model, X, weights="float32").network
    for name, module in list(network.named_modules()):
        if isinstance(module, HWGQ):
            network.set_submodule(name, nn.ReLU())
    with torch.no_grad():
        torch.testing.assert_close(network(X), model(X), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shared", [["weight"], ["weight", "bias"]])
def test_batch_norms_that_share_parameters_take_no_scale_in(
    shared: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)),
        *(nn.ReLU(), nn.Conv2d(4, 4, 3), nn.Flatten(), nn.Linear(400, 2)),
    ).eval()
    for name in shared:
        setattr(model[4], name, getattr(model[1], name))
    _expect_the_same_with_relus(model, monkeypatch)


class Optional(nn.Module):
    """An argument that has a default, and what follows from it."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 3)
        self.last = nn.Linear(4, 2)

    def forward(
        self,
        x: Tensor,
        activation: nn.Module | None = None,
        *more: Tensor,
        factor: float = 2.0,
        **others: Tensor,
    ) -> Tensor:
        y = factor * self.b(F.relu(self.a(x)))
        y = F.relu(y) if activation is None and not more and not others else -y
        logits: Tensor = self.last(self.c(y).mean((2, 3)))
        return logits


def test_arguments_with_defaults_have_them() -> None:
    model = Optional()
    rows = _rows(model)
    assert [rows[name].became for name in "bc"] == ["BinaryConv2d"] * 2
    assert type(model) is Optional
    assert edgebin.convert(model, X).network(X).shape == (32, 2)


@pytest.mark.parametrize("first", ["int8", "float32"])
@pytest.mark.parametrize("last", ["int8", "float32"])
def test_the_ends_are_what_was_asked_for(first: str, last: str) -> None:
    rows = _rows(ResNet(), first=first, last=last)
    assert rows["conv1"].became == ("Int8Conv2d" if first == "int8" else "Conv2d")
    assert rows["fc"].became == ("Int8Linear" if last == "int8" else "Linear")


def test_classes_are_what_the_report_says() -> None:
    conversion = edgebin.convert(grouped().eval(), X, first="int8", last="int8")
    modules = dict(conversion.network.named_modules())
    for row in conversion.layers:
        if row.was in ("Conv2d", "Linear"):
            assert type(modules[row.name]).__name__ == row.became
    assert isinstance(modules["0"], Int8Conv2d)
    assert isinstance(modules["14"], Int8Linear)


def test_layers_that_share_a_weight_are_kept() -> None:
    layers = [nn.Conv2d(4, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3)]
    layers[2].weight = layers[0].weight
    rows = _rows(_around(*layers))
    assert rows["2"].why == rows["4"].why == "shares its weight with another layer"
    assert rows["6"].became == "BinaryConv2d"


def test_a_relu_of_rows_is_no_image() -> None:
    model = nn.Sequential(
        *(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.Flatten(2), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(4 * 12 * 12, 8), nn.ReLU(), nn.Linear(8, 2)),
    )
    assert "of shape (2, 4, 144)" in _rows(model)["6"].why


def test_two_ends_of_one_network() -> None:
    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)
            self.c, self.d = nn.Conv2d(4, 2, 1), nn.Conv2d(4, 3, 1)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            y = F.relu(self.b(F.relu(self.a(x))))
            return self.c(y), self.d(y)

    rows = _rows(Heads())
    assert [rows[name].why.split(":")[0] for name in "abcd"] == ["first", "", "last", "last"]


def test_a_relu6_that_gives_real_values_keeps_its_clip(tmp_path: Path) -> None:
    model = _around(nn.Conv2d(4, 4, 3), nn.ReLU6(), nn.AvgPool2d(2), nn.Conv2d(4, 4, 1))
    model[0].bias.data.fill_(5.0)  # type: ignore[operator]
    network = edgebin.convert(model.eval(), X, weights="float32").network
    assert any(isinstance(module, nn.ReLU6) for module in network.modules())
    ends = {"first": "float32", "last": "float32"}
    edgebin.export(network, X[:1], tmp_path / "m.ebn", **ends)  # type: ignore[arg-type]
    pixels = torch.randint(0, 256, (4, 16, 16, 3), dtype=torch.uint8)
    found = edgebin.load(tmp_path / "m.ebn").run(pixels.numpy())
    with torch.no_grad():
        wanted = network(pixels.permute(0, 3, 1, 2) / 255).numpy()
    assert abs(found.reshape(wanted.shape) - wanted).max() < 1e-4


def test_printed_it_is_a_table() -> None:
    lines = str(edgebin.convert(ResNet().eval(), X)).splitlines()
    assert lines[0].split() == ["layer", "was", "became", "why"]
    assert len({line.index(" Conv2d ") for line in lines if " Conv2d " in line[:30]}) == 1
    assert any('new batch norm "layer1.0.relu_2_norm"' in line for line in lines)


def _data_dependent(x: Tensor) -> Tensor:
    return x if x.sum() > 0 else -x


class Of(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function, self.conv = function, nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(self.function(x))
        return y


class TwoInputs(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


class Named(Optional):
    """As others call it: every argument has a default."""

    def forward(  # type: ignore[override]
        self, pixel_values: Tensor | None = None, labels: Tensor | None = None
    ) -> Tensor:
        assert pixel_values is not None
        logits: Tensor = self.last(F.relu(self.b(F.relu(self.a(pixel_values)))).mean((2, 3)))
        return logits if labels is None else labels


class Wrapped(Named):
    """A decorator stands before its forward."""

    def forward(self, *given: Tensor, **more: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(*given, **more)


@pytest.mark.parametrize("kind", [Named, Wrapped])
def test_the_images_may_have_a_default_too(kind: type[nn.Module]) -> None:
    model = kind()
    assert _rows(model)["b"].became == "BinaryConv2d"
    assert edgebin.convert(model, X).network(X).shape == (32, 2)


@dataclasses.dataclass
class Output:
    logits: Tensor


class Structured(Optional):
    def forward(self, x: Tensor, scale: float = 1.0) -> Output:  # type: ignore[override]
        return Output(scale * self.last(F.relu(self.b(F.relu(self.a(x)))).mean((2, 3))))


class InPlace(nn.Module):
    """Changes the image that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.Conv2d(4, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        x.sub_(0.5).mul_(4)
        logits: Tensor = self.c(F.relu(self.b(F.relu(self.a(x)))))
        return logits


def test_a_network_may_change_its_input() -> None:
    x = X.clone()
    converted = edgebin.convert(InPlace().eval(), x)
    assert torch.equal(x, X)
    assert [row.became for row in converted.layers if row.name == "b"] == ["BinaryConv2d"]


@pytest.mark.parametrize("kind", ["hooked", "hooked pool", "pruned"])
def test_batch_norms_that_are_more_than_that_take_no_scale_in(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.MaxPool2d(3, 1), nn.ReLU()),
        *(nn.Conv2d(4, 4, 3), nn.Flatten(), nn.Linear(400, 2)),
    ).eval()
    if kind != "pruned":
        model[1 if kind == "hooked" else 2].register_forward_hook(
            lambda module, inputs, output: output + 1
        )
    else:
        prune.l1_unstructured(model[1], "weight", 0.5)  # type: ignore[no-untyped-call]
        with torch.no_grad():
            model(X)
    _expect_the_same_with_relus(model, monkeypatch)


def test_relu6_that_is_kept_or_hooked_keeps_its_clip() -> None:
    for model, options in (
        (_around(nn.ReLU6(), nn.AvgPool2d(2)), {"keep": ["2"]}),
        (_around(_hooked(nn.ReLU6()), nn.AvgPool2d(2)), {}),
    ):
        network = edgebin.convert(model.eval(), X, **options).network  # type: ignore[arg-type]
        assert isinstance(network.get_submodule("2"), nn.ReLU6)


def test_outputs_in_a_dataclass_are_compared_too() -> None:
    model = Structured().eval()
    edgebin.convert(model, X, exportable=False)
    model.register_forward_hook(lambda module, inputs, output: Output(2 * output.logits))
    with pytest.raises(edgebin.ExportError, match=r"outputs 50\.0% apart"):
        edgebin.convert(model, X, exportable=False)


class Aliased(nn.Module):
    """Changes a value in place under a second name."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.Conv2d(4, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.a(x))
        same = y
        y += 1
        logits: Tensor = self.c(F.relu(self.b(same)))
        return logits


def _rooted() -> nn.Module:
    model = _around(nn.Conv2d(4, 4, 3))
    model.register_forward_hook(lambda module, inputs, output: 2 * output)
    return model


def _broken() -> nn.Module:
    model = _around(nn.Conv2d(4, 4, 3))
    nn.init.constant_(cast(Tensor, model[0].weight), torch.nan)
    return model


def _holding_a_lock() -> nn.Module:
    model = _around(nn.Conv2d(4, 4, 3))
    model.lock = threading.Lock()  # type: ignore[assignment]
    return model


REFUSED: dict[str, tuple[nn.Module, str]] = {
    "alias": (Aliased(), "expected a module whose trace computes the same, found outputs"),
    "hook of the whole": (_rooted(), "outputs 50.0% apart; torch.fx does not see hooks"),
    "nan": (_broken(), "found a weight that is not finite"),
    "lock": (_holding_a_lock(), "expected a module that copy.deepcopy can copy, found: cannot"),
    "control flow": (Of(_data_dependent), "found Python that depends on the values of a tensor"),
    "no products": (nn.Sequential(nn.ReLU()), "Conv2d or torch.nn.Linear layers, found none"),
    "only ends": (nn.Sequential(nn.Conv2d(3, 4, 3)), 'can be binary, found "0": first'),
    "many": (
        nn.Sequential(*(nn.Conv2d(3, 3, 1) for _ in range(6))),
        '"1": its input comes from Conv2d "0", not from a ReLU; '
        '"2": its input comes from Conv2d "1", not from a ReLU; and 3 more',
    ),
    "inputs": (TwoInputs(), "TwoInputs: expected one input, the images, found x, y"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_networks_without_a_way_are_refused_in_one_line(name: str) -> None:
    model, message = REFUSED[name]
    with pytest.raises(edgebin.ExportError) as caught:
        edgebin.convert(model.eval(), X)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


BAD: dict[str, tuple[dict[str, object], str]] = {
    "model": ({"model": "resnet"}, "model: expected a torch.nn.Module, found str"),
    "training": ({"model": ResNet()}, "found the whole in training mode; what works: model.eval()"),
    "weights": ({"weights": "int8"}, "weights: expected binary or float32, found 'int8'"),
    "first": ({"first": "binary"}, "first: expected int8 or float32, found 'binary'"),
    "last": ({"last": None}, "last: expected int8 or float32, found None"),
    "backward": ({"backward": "none"}, "log-tailed, found 'none'"),
    "thresholds": ({"thresholds": "even"}, "half-wave or nearest, found 'even'"),
    "keep string": ({"keep": "conv1"}, "keep: expected a list of module names, found str"),
    "keep list": ({"keep": [[]]}, "names of modules of the network, found []"),
    "keep": ({"keep": ["conv9"]}, "names of modules of the network, found 'conv9'"),
    "list": ({"images": [1.0]}, "expected float tensors (N, C, H, W), found float"),
    "nothing": ({"images": None}, "or an iterable of them, found NoneType"),
    "empty": ({"images": []}, "batches of one shape, found none"),
    "shapes": ({"images": [X, X[..., :8]]}, "found [(3, 16, 8), (3, 16, 16)]"),
    "bytes": ({"images": X.byte()}, "expected float (N, C, H, W), found uint8 (32, 3, 16, 16)"),
    "rank": ({"images": X[0]}, "expected float (N, C, H, W), found float32 (3, 16, 16)"),
    "one": ({"images": X[:1]}, "images: expected at least 2, found 1"),
    "nan": ({"images": X / 0}, "images: expected finite values, found NaN or infinity"),
    "channels": ({"images": X[:, :1]}, "expected what the network takes, found (1, 16, 16): "),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_arguments_are_refused_in_one_line(name: str) -> None:
    given, message = BAD[name]
    arguments: dict[str, object] = {"model": ResNet().eval(), "images": X, **given}
    with pytest.raises(edgebin.OptionError) as caught:
        edgebin.convert(**arguments)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_is_said_about_gradients() -> None:
    model = ResNet().eval()
    network = edgebin.convert(model, X).network
    assert all(p.requires_grad and p.grad is None for p in network.parameters())
    assert torch.is_grad_enabled()
