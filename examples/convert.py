"""Converts a trained float network to an .ebn file: `python examples/convert.py [FILE]`.

The network and the images are small, so that everything takes seconds; replace them by your own.
The float network is the teacher of the binary one. Needs `pip install '.[train]'`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import edgebin

LABELS = ("disc", "square", "cross")
SIDE = 16
MEAN, SCALE = 0.5, 0.25


def draw(count: int) -> tuple[Tensor, Tensor]:
    """Return images, uint8 (count, 3, SIDE, SIDE), of bright shapes on noise, and their labels."""
    labels = torch.randint(len(LABELS), (count,))
    centre = torch.randint(5, SIDE - 5, (2, count, 1, 1))
    lines = torch.arange(SIDE)
    dy, dx = (lines[:, None] - centre[0]).abs(), (lines - centre[1]).abs()
    square = (dy <= 3) & (dx <= 3)
    shapes = torch.stack([dy**2 + dx**2 <= 12, square, square & ((dy == 0) | (dx == 0))])
    shape = shapes[labels, torch.arange(count)][:, None]
    noise, colour = torch.rand(count, 3, SIDE, SIDE), torch.rand(count, 3, 1, 1)
    image = 0.5 * noise + shape * (0.2 + 0.3 * colour)
    return (image * 255).to(torch.uint8), labels


def normalised(pixels: Tensor) -> Tensor:
    """Return the input of the networks for pixels."""
    return (pixels / 255 - MEAN) / SCALE


def float_network() -> nn.Module:
    """Return a plain PyTorch network."""
    return nn.Sequential(
        *(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, len(LABELS))),
    )


def train(network: nn.Module, x: Tensor, target: Tensor, *, epochs: int = 3) -> None:
    """Train with Adam on the cross entropy with labels, or with a teacher's probabilities."""
    steps = epochs * -(-len(x) // 64)
    optimizer = torch.optim.Adam(network.parameters(), 5e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.01, steps)
    network.train()
    for _ in range(epochs):
        for index in torch.randperm(len(x)).chunk(steps // epochs):
            optimizer.zero_grad()
            F.cross_entropy(network(x[index]), target[index]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    network.eval()


def main(path: Path) -> None:
    """Train, convert, distil, export, run."""
    torch.manual_seed(0)
    (pixels, labels), (unseen, unseen_labels) = draw(1000), draw(500)
    x = normalised(pixels)
    teacher = float_network()
    train(teacher, x, labels)

    conversion = edgebin.convert(teacher, x[:256])
    print(conversion)
    with torch.no_grad():
        probabilities = teacher(x).softmax(1)
    train(conversion.network, x, probabilities)

    preprocessing = edgebin.Preprocessing((MEAN,) * 3, (SCALE,) * 3)
    edgebin.export(conversion.network, x[:1], path, labels=LABELS, preprocessing=preprocessing)
    logits = edgebin.load(path).run(unseen.permute(0, 2, 3, 1).contiguous().numpy())

    with torch.no_grad():
        before = teacher(normalised(unseen)).argmax(1)
    after = torch.from_numpy(logits).argmax(1)
    for name, predicted in (("float network", before), (path.name, after)):
        print(f"{name}: {(predicted == unseen_labels).float().mean():.1%} of 500 unseen images")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "converted.ebn"))
