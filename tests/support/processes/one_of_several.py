"""What a process of `train/backend/test_distributed.py` does under torchrun: some training runs."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import nn

from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.backend.distributed import joined
from edgebin.train.data.cifar10 import ImageTensor
from edgebin.train.data.source import DataSet
from edgebin.train.loop import fit
from edgebin.train.recipe.recipe import Recipe, parse_recipe

EPOCHS = 2


def network() -> nn.Module:
    """Real weights, so that rounding stays rounding, and both kinds of batch norms."""
    torch.manual_seed(4)
    return nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1),
        nn.BatchNorm2d(5, affine=False),
        nn.ReLU(),
        nn.Conv2d(5, 6, 3, stride=2),
        nn.BatchNorm2d(6, momentum=None),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(54, 7),
        nn.BatchNorm1d(7),
        nn.ReLU(),
        nn.Linear(7, 3),
    )


def recipe(*, compiled: bool) -> Recipe:
    half = [0.5, 0.5, 0.5]
    table = {
        "data": {"kind": "cifar10", "mean": half, "std": half},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9},
        "schedule": {"epochs": EPOCHS, "batch_size": 8, "kind": "cosine", "label_smoothing": 0.1},
        "distillation": {"weight": 0.3, "temperature": 2},
        "ema": {"decay": 0.9, "recalibrate": 2},
        "run": {"seed": 3, "compile": compiled},
    }
    return parse_recipe(table, source="several.toml")


def data() -> DataSet:
    generator = torch.Generator().manual_seed(0)

    def part(count: int) -> ImageTensor:
        images = torch.randint(0, 256, (count, 3, 8, 8), generator=generator).to(torch.uint8)
        return ImageTensor(images, torch.arange(count) % 3, pad=1, flip=True)

    half = (0.5, 0.5, 0.5)
    return DataSet(
        ("a", "b", "c"), Preprocessing(half, half, 8, input_size=8), part(50), part(9), part(9)
    )


def train(out: Path, device: torch.device, *, compiled: bool = False, **more: Any) -> nn.Module:
    trained, said = network(), io.StringIO()
    console = Console(file=said)
    fit(
        recipe(compiled=compiled),
        data(),
        out,
        device=device,
        network=trained,
        teacher=network(),
        console=console,
        exportable=False,
        **more,
    )
    assert "torch.compile does not work" not in said.getvalue()
    return trained


def stop(_result: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    torch.set_num_threads(1)
    home = Path(sys.argv[1])
    with joined("cpu") as place:
        names = [type(module).__name__ for module in network().modules()]
        trained = train(home / "straight", place)
        assert [type(module).__name__ for module in trained.modules()] == names
        assert not any("forward" in module.__dict__ for module in trained.modules())
        try:
            train(home / "broken", place, on_epoch=stop)
        except KeyboardInterrupt:
            train(home / "broken", place, resume=True)
        train(home / "compiled", place, compiled=True)
