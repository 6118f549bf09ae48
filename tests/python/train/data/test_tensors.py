"""torch Datasets and DataLoaders as data sets: what tensors mean, resuming, and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, IterableDataset

import edgebin
from edgebin.errors import DataError, OptionError
from edgebin.train import Recipe, fit, load_checkpoint, tensor_data
from edgebin.train.data.source import normalised
from edgebin.train.recipe.recipe import parse_recipe
from training.tiny_training import quiet_run, stop_after_two

CLASSES = ("red", "green", "blue")
Item = tuple[Tensor, Any]


class Colours(Dataset[Item]):
    """Noise with one strong channel, the label, in uint8 or as pixel / 255 in float32."""

    def __init__(self, count: int, dtype: torch.dtype = torch.uint8, *, augment: bool = False):
        self.labels = torch.arange(count) % 3
        generator = torch.Generator().manual_seed(0)
        self.images = torch.randint(0, 100, (count, 3, 8, 8), generator=generator)
        self.images[torch.arange(count), self.labels] += 100
        self.images = self.images.to(torch.uint8)
        self.dtype = dtype
        self.augment = augment

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> Item:
        image = self.images[index]
        if self.augment and torch.rand(()) < 0.5:
            image = image.flip(2)
        if self.dtype == torch.float32:
            image = image.float() / 255.0
        return image, int(self.labels[index])


def own(classes: int = 3) -> nn.Module:
    torch.manual_seed(7)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        edgebin.nn.HWGQ(),
        edgebin.nn.BinaryConv2d(4, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, classes),
    )


@pytest.fixture
def free(table: dict[str, dict[str, Any]]) -> Recipe:
    """A recipe without a network, for batches of 8."""
    del table["network"]
    return parse_recipe(table, source="free.toml")


def seen_by(network: nn.Module) -> list[Tensor]:
    """The inputs of training steps, as they come."""
    seen: list[Tensor] = []

    def look(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if module.training:
            seen.append(inputs[0].detach().clone())

    network.register_forward_pre_hook(look)
    return seen


def test_bytes_are_normalised_and_floats_are_taken_as_they_are(
    free: Recipe, tmp_path: Path
) -> None:
    inputs = {}
    for dtype in (torch.uint8, torch.float32):
        network = own()
        seen = seen_by(network)
        data = tensor_data(Colours(16, dtype), free, classes=CLASSES)
        quiet_run(free, data, tmp_path / str(dtype), network=network)
        inputs[dtype] = (torch.cat(seen), data)
    raw, data = inputs[torch.uint8]
    assert torch.allclose(raw, (inputs[torch.float32][0] - 0.5) / 0.25, atol=1e-6)
    assert data.preprocessing == edgebin.Preprocessing(
        (0.5,) * 3, (0.25,) * 3, resize=8, input_size=8
    )
    floats = inputs[torch.float32][1]
    assert floats.preprocessing == edgebin.Preprocessing(
        (0.0,) * 3, (1.0,) * 3, resize=8, input_size=8
    )
    assert data.example.shape == floats.example.shape == (1, 3, 8, 8)


def test_a_file_exported_from_tensors_gives_the_networks_logits(
    free: Recipe, tmp_path: Path
) -> None:
    data = tensor_data(Colours(24), free, classes=CLASSES, test=Colours(9))
    network = own()
    quiet_run(free, data, tmp_path / "run", network=network)
    target = tmp_path / "own.ebn"
    edgebin.export(
        network,
        data.example,
        target,
        labels=data.classes,
        preprocessing=data.preprocessing,
        first="float32",
        last="float32",
    )
    images = Colours(9).images
    with torch.no_grad():
        expected = network.eval()(normalised(images, data.preprocessing))
    model = edgebin.load(target)
    found = model.run(images.permute(0, 2, 3, 1).numpy())
    assert torch.allclose(torch.from_numpy(found), expected, atol=1e-4)
    assert model.labels == CLASSES


@pytest.mark.parametrize("loader", [False, True])
def test_a_resumed_run_gives_the_same_bits(free: Recipe, tmp_path: Path, loader: bool) -> None:
    def data() -> Any:
        images = Colours(20, augment=True)
        return DataLoader(images, batch_size=8, shuffle=True) if loader else images

    more: dict[str, Any] = {"classes": CLASSES, "holdout": Colours(6)}
    quiet_run(free, data(), tmp_path / "straight", network=own(), **more)
    with pytest.raises(KeyboardInterrupt):
        quiet_run(free, data(), tmp_path / "broken", network=own(), on_epoch=stop_after_two, **more)
    torch.manual_seed(99)
    log = quiet_run(free, data(), tmp_path / "broken", network=own(), resume=True, **more)
    one, two = (load_checkpoint(tmp_path / n / "checkpoint.pt") for n in ("straight", "broken"))
    assert two.step == 4 * (20 // 8)
    assert all(torch.equal(one.model[key], two.model[key]) for key in one.model)
    assert all("holdout_accuracy" in line for line in log if line["event"] == "epoch")


def test_the_order_is_the_seeds(free: Recipe, tmp_path: Path) -> None:
    seen: list[Tensor] = []
    for seed in (3, 3, 4):
        recipe = dataclasses.replace(free, run=dataclasses.replace(free.run, seed=seed))
        network = own()
        inputs = seen_by(network)
        quiet_run(recipe, Colours(16), tmp_path / str(len(seen)), network=network, classes=CLASSES)
        seen.append(torch.cat(inputs))
    assert torch.equal(seen[0], seen[1])
    assert not torch.equal(seen[0], seen[2])


def test_classes_may_be_the_data_sets_own(free: Recipe) -> None:
    images = Colours(8)
    with pytest.raises(DataError, match="classes: expected the names of the classes"):
        tensor_data(images, free)
    images.classes = list(CLASSES)  # type: ignore[attr-defined]
    assert tensor_data(DataLoader(images, batch_size=8), free).classes == CLASSES


class Stream(IterableDataset[Item]):
    def __iter__(self) -> Any:
        return iter([])


class Listed(Dataset[Any]):
    """These items."""

    def __init__(self, *items: Any) -> None:
        self.items = items * 8

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        return self.items[index]


BYTES = torch.zeros(3, 8, 8, dtype=torch.uint8)
FLOATS = torch.zeros(3, 8, 8)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (Stream(), "data: expected a folder, a torch Dataset .* found Stream"),
        ([1, 2], "item 0: expected an image and its label, found int"),
        (Listed((BYTES, 0.5)), "item 0: expected an integer as label, found float"),
        (Listed(("x.png", 0)), r"image: expected a square RGB tensor \(3, S, S\) .* found str"),
        (Listed((FLOATS.double(), 0)), r"image: expected .*, found float64 \(3, 8, 8\)"),
        (Listed((FLOATS[:1], 0)), r"image: expected .*, found float32 \(1, 8, 8\)"),
        (Listed((FLOATS - 2, 0)), r"preprocessing: expected edgebin.Pre.* \(-2..-2\), found none"),
        (Listed((BYTES, 3)), r"label: expected 0..2, one a class, found 3"),
        (
            Listed((BYTES, 0), (BYTES[:, :4], 0)),
            r"expected uint8 \(3, 8, 8\), found uint8 .3, 4",
        ),
        (Listed((BYTES, 0), (FLOATS, 0)), r"image: expected uint8 \(3, 8, 8\), found float32"),
        (DataLoader(Colours(16), batch_size=4), "DataLoader: expected batch_size 8, .* found 4"),
    ],
)
def test_what_does_not_fit_is_one_line(
    free: Recipe, tmp_path: Path, data: Any, message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        quiet_run(free, data, tmp_path, network=own(), classes=CLASSES)
    assert "\n" not in str(caught.value)


def test_normalised_floats_with_their_preprocessing_are_taken(free: Recipe, tmp_path: Path) -> None:
    rule = edgebin.Preprocessing((0.5,) * 3, (0.25,) * 3, resize=0, filter="bicubic")
    images = Listed((FLOATS - 2, 0), (FLOATS + 2, 1))
    quiet_run(free, images, tmp_path, network=own(2), classes=("dark", "light"), preprocessing=rule)
    expected = dataclasses.replace(rule, input_size=8)
    assert load_checkpoint(tmp_path / "checkpoint.pt").preprocessing == expected


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (edgebin.Preprocessing((0.5,), (0.25,), colour="grey"), "3 channels, found grey and 1 mea"),
        (edgebin.Preprocessing((0.5,) * 3, (0.25,) * 3, resize=7), "0 or at least 8, .* found 7"),
    ],
)
def test_a_preprocessing_of_other_images_is_one_line(
    free: Recipe, rule: edgebin.Preprocessing, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        tensor_data(Colours(8), free, classes=CLASSES, preprocessing=rule)


def test_the_recipe_may_be_a_name() -> None:
    data = tensor_data(Colours(8), "folder", classes=CLASSES)
    assert data.preprocessing.mean == (0.485, 0.456, 0.406)


def test_options_of_tensors_beside_a_data_set_are_refused(
    free: Recipe, data: Any, tmp_path: Path
) -> None:
    with pytest.raises(OptionError, match="classes: expected only beside a torch Dataset"):
        fit(free, data, tmp_path, network=own(), classes=CLASSES)


def test_scores_need_every_image(free: Recipe, tmp_path: Path) -> None:
    cut = DataLoader(Colours(9), batch_size=4, drop_last=True)
    with pytest.raises(DataError, match="expected drop_last=False for images to score"):
        quiet_run(free, Colours(16), tmp_path, network=own(), classes=CLASSES, holdout=cut)


def test_chosen_images_come_in_the_order_of_the_choice(free: Recipe) -> None:
    images = Colours(12)
    for train in (images, DataLoader(images, batch_size=8, shuffle=True)):
        source = tensor_data(train, free, classes=CLASSES).train
        (found, labels), _ = source.evaluation(2, torch.tensor([7, 2, 5]))
        assert torch.equal(found, images.images[[7, 2]])
        assert torch.equal(labels, images.labels[[7, 2]])
