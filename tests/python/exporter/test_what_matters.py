"""What export tells: names, colours, binary layers, what stayed float."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import edgebin
from edgebin.graph.format import read
from edgebin.nn import HWGQ, BinaryConv2d


def _network(channels: int = 3, *, binary: bool = True) -> nn.Module:
    hidden = BinaryConv2d(8, 8, 3) if binary else nn.Conv2d(8, 8, 3)
    return nn.Sequential(
        *(nn.Conv2d(channels, 8, 3), nn.BatchNorm2d(8), HWGQ() if binary else nn.ReLU(), hidden),
        *(nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 2)),
    ).eval()


def test_the_name_is_the_files_own(tmp_path: Path) -> None:
    edgebin.export(_network(), torch.zeros(1, 3, 12, 12), tmp_path / "hand signs.ebn")
    assert edgebin.load(tmp_path / "hand signs.ebn").name == "hand signs"
    edgebin.export(_network(), torch.zeros(1, 3, 12, 12), tmp_path / "b.ebn", name="signs")
    assert edgebin.load(tmp_path / "b.ebn").name == "signs"


def test_one_channel_is_grey_by_itself_and_takes_images(tmp_path: Path) -> None:
    rule = edgebin.Preprocessing((0.4,), (0.2,))
    edgebin.export(_network(1), torch.zeros(1, 1, 12, 12), tmp_path / "g.ebn", preprocessing=rule)
    model = edgebin.load(tmp_path / "g.ebn")
    assert model.preprocessing.colour == "grey"
    assert len(model(np.zeros((20, 20, 3), np.uint8))) == 2


def test_preprocessing_that_no_image_fits_is_refused(tmp_path: Path) -> None:
    three = edgebin.Preprocessing((0.4,) * 3, (0.2,) * 3)
    with pytest.raises(edgebin.ExportError, match=r"mean: expected 1 values.*found 3"):
        edgebin.export(
            _network(1), torch.zeros(1, 1, 12, 12), tmp_path / "g.ebn", preprocessing=three
        )
    assert not list(tmp_path.iterdir())


def test_units_of_255_are_refused_with_the_value_divided() -> None:
    with pytest.raises(edgebin.OptionError, match=r"found 116\.28, which is 0\.456 when divided"):
        edgebin.Preprocessing((0.485, 116.28, 0.4), (0.2, 0.2, 0.2))


def test_a_network_with_binary_layers_draws_no_warning(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        edgebin.export(_network(), torch.zeros(1, 3, 12, 12), tmp_path / "m.ebn")


def test_a_network_without_draws_one(tmp_path: Path) -> None:
    with pytest.warns(edgebin.ExportWarning, match="no layer is binary; edgebin.convert makes"):
        edgebin.export(_network(binary=False), torch.zeros(1, 3, 12, 12), tmp_path / "m.ebn")


def test_channels_that_no_image_has_draw_a_warning(tmp_path: Path) -> None:
    with pytest.warns(edgebin.ExportWarning, match="no image has 2 channels"):
        edgebin.export(_network(2), torch.zeros(1, 2, 12, 12), tmp_path / "m.ebn")


def test_printed_it_tells_what_stayed_float_and_its_share(tmp_path: Path) -> None:
    network = edgebin.export(_network(), torch.zeros(1, 3, 12, 12), tmp_path / "m.ebn")
    first, images, floats = str(network).splitlines()
    assert first == "m: 1 of 4 layers with weights are binary"
    assert images == "takes rgb images of 12x12 pixels, 3 channels"
    layers = {layer.name: layer for layer in edgebin.load(tmp_path / "m.ebn").layers}
    share = layers["6"].bytes / sum(layer.bytes for layer in layers.values())
    macs = layers["6"].macs / sum(layer.macs for layer in layers.values())
    wanted = f"1 layer with {share:.0%} of the bytes and {macs:.0%} of the multiply-accumulates: 6"
    assert floats == f"float32 weights: {wanted}".replace("%", " %")
    assert len(repr(network)) < 200


def test_a_file_that_is_read_again_is_the_same_network(tmp_path: Path) -> None:
    network = edgebin.export(_network(), torch.zeros(1, 3, 12, 12), tmp_path / "m.ebn")
    again = read(tmp_path / "m.ebn")
    assert (again.name, again.labels) == (network.name, network.labels)


class Normalising(nn.Module):
    """Maps pixels in 0..1 to what the network was trained on."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.mean: torch.Tensor
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert x.shape[1] == 3
        if x.dim() != 4:
            raise ValueError("expected a batch")
        result: torch.Tensor = self.inner((x - self.mean) / 0.225)
        return result


def test_normalisation_in_forward_lets_the_first_layer_read_pixels(tmp_path: Path) -> None:
    inner = _network()
    rule = edgebin.Preprocessing((0.485, 0.456, 0.406), (0.225,) * 3)
    example = torch.zeros(1, 3, 12, 12)
    edgebin.export(Normalising(inner).eval(), example, tmp_path / "inside.ebn")
    edgebin.export(inner, example, tmp_path / "outside.ebn", preprocessing=rule)
    inside, outside = (edgebin.load(tmp_path / f"{name}.ebn") for name in ("inside", "outside"))
    assert [layer.op for layer in inside.layers] == [layer.op for layer in outside.layers]
    assert inside.layers[0].op == "conv"
    pixels = np.random.default_rng(0).integers(0, 256, (4, 12, 12, 3), np.uint8)
    np.testing.assert_allclose(inside.run(pixels), outside.run(pixels), atol=1e-5)
