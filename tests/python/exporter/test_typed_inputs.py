"""Networks of PyTorch with several inputs, and with inputs that are no images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import edgebin
from edgebin.errors import ExportError
from edgebin.exporter import export


class TwoStreams(nn.Module):
    """An image and a vector of measurements, as sensors beside a camera give them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.fc = nn.Linear(5, 4)
        self.last = nn.Linear(4, 2)

    def forward(self, image: Tensor, sensors: Tensor) -> Tensor:
        seen = torch.relu(self.conv(image)).mean((2, 3))
        logits: Tensor = self.last(seen + torch.relu(self.fc(sensors)))
        return logits


class Filter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return y


def run(model: edgebin.Model, **arrays: Any) -> Any:
    return model.run(arrays)


def test_an_image_beside_measurements(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = TwoStreams().eval()
    example = (torch.zeros(1, 3, 6, 5), torch.zeros(1, 5))
    rule = edgebin.Preprocessing((0.5, 0.4, 0.3), (0.2, 0.2, 0.2))
    written = export(
        network,
        example,
        tmp_path / "two.ebn",
        inputs=("image", "float32"),
        preprocessing=rule,
        first="float32",
        last="float32",
        labels=("no", "yes"),
    )
    assert "takes arrays: image uint8 6x5x3, sensors float32 1x1x5" in str(written)
    model = edgebin.load(tmp_path / "two.ebn")
    assert [info.name for info in model.inputs] == ["image", "sensors"]
    pixels = np.random.default_rng(1).integers(0, 256, (3, 6, 5, 3), np.uint8)
    sensors = np.random.default_rng(2).standard_normal((3, 1, 1, 5)).astype(np.float32)
    mean, scale = (torch.tensor(x).reshape(1, 3, 1, 1) for x in (rule.mean, rule.scale))
    x = (torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255 - mean) / scale
    with torch.no_grad():
        expected = network(x, torch.from_numpy(sensors[:, 0, 0])).numpy()
    found = run(model, image=pixels, sensors=sensors)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    assert edgebin.verify(tmp_path / "two.ebn", threads=1).exact


@pytest.mark.parametrize("kind", ["int8", "uint8", "float32"])
def test_one_tensor_of_each_type(kind: Any, tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = Filter().eval()
    last: Any = "float32" if kind == "float32" else "int8"  # it is the first layer, too
    with pytest.warns(edgebin.ExportWarning, match="no layer is binary"):
        export(network, torch.zeros(1, 2, 4, 5), tmp_path / "one.ebn", inputs=kind, last=last)
    model = edgebin.load(tmp_path / "one.ebn")
    assert (model.inputs[0].name, model.inputs[0].dtype) == ("x", kind)
    rng = np.random.default_rng(3)
    whole = rng.integers(-100, 100, (2, 4, 5, 2)) + (100 if kind == "uint8" else 0)
    values = whole.astype(kind)
    with torch.no_grad():
        expected = network(torch.from_numpy(values).permute(0, 3, 1, 2).float())
    found = torch.from_numpy(model.run(values)).permute(0, 3, 1, 2)
    tolerance = 1e-5 if kind == "float32" else 1e-2  # weights that read bytes are int8
    assert float((found - expected).abs().max()) < tolerance * float(expected.abs().max())
    if kind != "float32":
        assert {layer.weight_bits for layer in model.layers if layer.weights} == {8}


def test_padding_of_integers_is_zero(tmp_path: Path) -> None:
    """An s8 element 0 is a u8 value 128, and so is what lies around the tensor."""
    network = Filter().eval()
    nn.init.ones_(network.conv.weight)
    with pytest.warns(edgebin.ExportWarning):
        export(network, torch.zeros(1, 2, 2, 2), tmp_path / "ones.ebn", inputs="int8")
    model = edgebin.load(tmp_path / "ones.ebn")
    values = np.array([1, -2, 3, -4, 5, -6, 7, -8], np.int8).reshape(1, 2, 2, 2)
    assert model.run(values).ravel() == pytest.approx([-4.0] * 12, abs=1e-3)
    assert not model.run(0 * values).any()


class Named(nn.Module):
    def forward(self, left: Tensor, right: Tensor) -> dict[str, Tensor]:
        return {"sum": left + right, "product": left * right}


def test_several_tensors_are_what_their_dtypes_say(tmp_path: Path) -> None:
    example = (torch.zeros(1, 2, 3), torch.zeros(1, 2, 3, dtype=torch.int8))
    with pytest.warns(edgebin.ExportWarning):
        export(Named(), example, tmp_path / "named.ebn", task="raw")
    model = edgebin.load(tmp_path / "named.ebn")
    assert [(x.name, x.dtype, x.shape) for x in model.inputs] == [
        ("left", "float32", (1, 3, 2)),
        ("right", "int8", (1, 3, 2)),
    ]
    left = np.arange(6, dtype=np.float32).reshape(1, 1, 3, 2)
    right = np.arange(-3, 3, dtype=np.int8).reshape(1, 1, 3, 2)
    found = model.run_outputs({"left": left, "right": right})
    np.testing.assert_array_equal(found["sum"], left + right)
    np.testing.assert_array_equal(found["product"], left * right)
    assert model.task.kind == "raw"


class Same(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return torch.relu(x), x


IMAGE = torch.zeros(1, 3, 4, 4)


@pytest.mark.parametrize(
    ("network", "example", "options", "message"),
    [
        (TwoStreams(), IMAGE, {}, "inputs image, sensors"),
        (TwoStreams(), (IMAGE,), {}, "expected 1 inputs, as in the example|inputs image, sensors"),
        (Filter(), (IMAGE, "x"), {}, "example: expected a Tensor, found tuple"),
        (Filter(), (), {}, "example: expected 1 to 16 tensors, found 0"),
        (Filter(), IMAGE[0, 0, 0], {"inputs": "float32"}, r"expected shape \(N, C, H, W\)"),
        (Filter(), IMAGE, {"inputs": "f32"}, "inputs: expected image, float32, int8, uint8"),
        (Filter(), IMAGE, {"inputs": ("image", "image")}, "inputs: expected 1, found 2"),
        (TwoStreams(), (IMAGE, IMAGE), {"inputs": ("int8", "image")}, "expected an image first"),
        (TwoStreams(), (IMAGE, IMAGE[[0, 0]]), {}, "example: expected 1 of each"),
        (
            Filter(),
            torch.zeros(1, 2, 4, 4),
            {"inputs": "float32", "preprocessing": edgebin.Preprocessing((0, 0), (1, 1))},
            "preprocessing: expected none of float32 inputs, found one",
        ),
        (Same(), IMAGE, {"inputs": "float32"}, 'expected what it computes, found its input "x"'),
    ],
)
def test_what_no_file_can_have_is_refused(
    network: nn.Module, example: Any, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match=message):
        export(network, example, tmp_path / "no.ebn", **options)
