"""TorchScript programs: the layers that they call, exported and converted as the module is."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import edgebin
from edgebin.errors import ExportError
from edgebin.nn.script import without_script

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),
]

X = torch.zeros(1, 3, 16, 16)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1, groups=2, bias=False)
        self.norm, self.act = nn.BatchNorm2d(8), nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(self.norm(self.conv(x)) + x)
        return y


class Net(nn.Module):
    """A condition, a loop, an assert, calls in place, a pool, a view by size, and dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.blocks = nn.Conv2d(3, 8, 3, stride=2), nn.Sequential(Block(), Block())
        self.drop, self.pool, self.head = nn.Dropout(0.5), nn.MaxPool2d(2), nn.Linear(72, 5)

    def forward(self, x: Tensor) -> Tensor:
        assert x.shape[1] == 3
        x = F.relu6(self.stem(x)) if x.shape[2] > 4 else x
        for block in self.blocks:
            x = block(x)
        x = torch.cat([self.pool(x)], 1)
        logits: Tensor = self.head(self.drop(x.view(x.size(0), -1)))
        return logits


def network() -> Net:
    torch.manual_seed(5)
    made = Net().eval()
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value in (module.running_var, module.weight, module.bias):
                assert value is not None
                nn.init.uniform_(value, 0.5, 1.5)
    return made


def _scripted(model: nn.Module) -> nn.Module:
    return cast(nn.Module, torch.jit.script(model))


def _traced(model: nn.Module) -> nn.Module:
    return cast(nn.Module, torch.jit.trace(model, X))  # type: ignore[no-untyped-call]


def _loaded(model: nn.Module) -> nn.Module:
    contents = io.BytesIO()
    torch.jit.save(torch.jit.script(model), contents)
    contents.seek(0)
    return cast(nn.Module, torch.jit.load(contents))  # type: ignore[no-untyped-call]


def _frozen(model: nn.Module) -> nn.Module:
    return cast(nn.Module, torch.jit.freeze(torch.jit.script(model)))


@pytest.mark.parametrize("make", [_scripted, _traced, _loaded])
def test_a_program_becomes_the_layers_that_it_calls(make: Callable[[nn.Module], nn.Module]) -> None:
    model = network()
    found = without_script(make(model), X)
    assert type(found).__name__ == "Net"
    before, after = model.state_dict(), found.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    kinds = {name: type(module) for name, module in found.named_modules()}
    for name, module in model.named_modules():
        if name.endswith((".conv", ".norm", "stem", "head")):
            assert kinds[name] is type(module)
    images = torch.rand(3, 3, 16, 16)
    torch.testing.assert_close(found(images), model(images))


@pytest.mark.parametrize("make", [_traced, _frozen])
def test_it_exports_to_the_file_that_the_module_exports_to(
    make: Callable[[nn.Module], nn.Module], tmp_path: Path
) -> None:
    model = network()
    program = make(model)
    pixels = torch.randint(0, 256, (2, 16, 16, 3), dtype=torch.uint8).numpy()
    outputs = []
    for name, source in (("module", model), ("program", program)):
        path = tmp_path / f"{name}.ebn"
        with pytest.warns(edgebin.ExportWarning, match="no layer is binary"):
            edgebin.export(source, X, path, self_test=False, first="float32", last="float32")
        outputs.append(edgebin.load(path).run(pixels))
    torch.testing.assert_close(*map(torch.from_numpy, outputs))


def test_it_converts_as_the_module_does() -> None:
    model, images = network(), torch.rand(6, 3, 16, 16)
    expected, found = (edgebin.convert(m, images) for m in (model, _scripted(model)))
    layers = {name for name, module in model.named_modules() if hasattr(module, "weight")}
    rows = [
        [(row.name, row.became) for row in conversion.layers if row.name in layers]
        for conversion in (expected, found)
    ]
    assert rows[0] == rows[1]
    assert {"stem", "blocks.0.conv", "head"} <= {name for name, _ in rows[0]}
    torch.testing.assert_close(found.network(images), expected.network(images))


class Odd(nn.Module):
    """Calls in place, a computed weight, lists that grow, a while loop, calls of two results."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(3, 3, 1, padding="same") for _ in range(2)])
        self.weight, self.mean = (
            nn.Parameter(torch.rand(4, 3, 1, 1)),
            nn.Buffer(torch.rand(3, 1, 1)),
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = (x - self.mean) / 0.5
        found: list[Tensor] = []
        for conv in self.convs:
            x = F.hardtanh(conv(x), 0.0, 6.0)
            found.insert(0, x)
        found.append(found[0])
        number = 0
        while number < len(found):
            x = x + 2.0 * found[number]
            number += 1
        x += 1.0
        y = x.clamp_(0.0, 3.0)
        y.mul_(2.0)
        low, high = F.conv2d(y + x, self.weight / self.weight.norm()).chunk(2, 1)
        pooled, places = F.max_pool2d(low, 2, return_indices=True)
        resized = F.interpolate(pooled, size=low.shape[2:], mode="nearest")
        named: dict[str, Tensor] = {}
        named["b"] = places.float()
        if "a" not in named:
            named["a"] = torch.cat([low, high, resized], 1)
        return named


@pytest.mark.parametrize("strict", [True, False])
def test_whatever_a_program_does_the_layers_compute_the_same(strict: bool) -> None:
    model = Odd().eval()
    trace: Any = torch.jit.trace
    program = _scripted(model) if strict else trace(model, X, strict=False)
    found = without_script(program, X)
    assert {"convs.0", "convs.1"} <= dict(found.named_modules()).keys()
    images = torch.randn(2, 3, 16, 16)
    torch.testing.assert_close(dict(found(images)), dict(model(images)))
    refused = [refusal.found for refusal in edgebin.check_export(program, X)]
    assert "aten.max_pool2d_with_indices, which the runtime lacks" in refused


class ByValue(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if bool(x.mean() > 0):
            x = x + x
        return x


class Two(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


def test_what_cannot_be_read_is_one_line_with_the_way_out() -> None:
    (refusal,) = edgebin.check_export(_scripted(ByValue()), X)
    assert "decides by values of a tensor" in refusal.found
    assert "load_state_dict(program.state_dict())" in refusal.works
    with pytest.raises(ExportError, match="Two: expected one input, the images, found 2"):
        edgebin.export(_scripted(Two()), X, "never.ebn")
    with pytest.raises(ExportError, match=r"no exception, found 'AssertionError"):
        edgebin.export(_scripted(network()), torch.zeros(1, 4, 16, 16), "never.ebn")


def test_what_the_runtime_lacks_is_named_as_of_a_module() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Mish()).eval()
    (refusal,) = edgebin.check_export(_scripted(model), X)
    assert refusal.operator == "aten.mish"
