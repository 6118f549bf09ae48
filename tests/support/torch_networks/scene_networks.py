"""Networks of segmentation and detection in plain PyTorch, of any width."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torch_networks.vision_networks import conv_norm


def double_conv(inputs: int, outputs: int) -> nn.Module:
    """Return two convolutions with batch norms and ReLUs."""
    first, second = conv_norm(inputs, outputs), conv_norm(outputs, outputs)
    return nn.Sequential(*first, nn.ReLU(inplace=True), *second, nn.ReLU(inplace=True))


class UNet(nn.Module):
    """U-Net of four levels; what comes up is padded to the size of what it is joined with."""

    def __init__(self, width: int = 16, classes: int = 4) -> None:
        super().__init__()
        sizes = [width * 2**level for level in range(5)]
        self.inc = double_conv(3, sizes[0])
        pairs = list(itertools.pairwise(sizes))
        self.down = nn.ModuleList(
            nn.Sequential(nn.MaxPool2d(2), double_conv(fine, coarse)) for fine, coarse in pairs
        )
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairs[::-1])
        self.joined = nn.ModuleList(double_conv(coarse, fine) for fine, coarse in pairs[::-1])
        self.outc = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (N, classes, H, W)."""
        levels = [self.inc(x)]
        for down in self.down:
            levels.append(down(levels[-1]))
        y = levels.pop()
        for up, joined in zip(self.up, self.joined, strict=True):
            y, kept = up(y), levels.pop()
            rows, columns = kept.size(2) - y.size(2), kept.size(3) - y.size(3)
            edges = [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2]
            y = joined(torch.cat([kept, F.pad(y, edges)], dim=1))
        scores: Tensor = self.outc(y)
        return scores


class BasicBlock(nn.Module):
    """ResNet's block of two convolutions."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv_norm(inputs, outputs, 3, stride)
        self.conv2, self.bn2 = conv_norm(outputs, outputs)
        self.downsample = nn.Sequential()
        if stride != 1:
            self.downsample = nn.Sequential(*conv_norm(inputs, outputs, 1, stride))

    def forward(self, x: Tensor) -> Tensor:
        """Return the residual sum behind a ReLU."""
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.downsample(x))


class FeaturePyramid(nn.Module):
    """A ResNet's last three levels, joined from the top, and one head for all of them."""

    def __init__(self, width: int = 16, classes: int = 5) -> None:
        super().__init__()
        self.stem = nn.Sequential(*conv_norm(3, width, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.layers = nn.ModuleList(
            nn.Sequential(BasicBlock(a, b, 2), BasicBlock(b, b, 1))
            for a, b in ((width, 2 * width), (2 * width, 4 * width), (4 * width, 8 * width))
        )
        self.inner = nn.ModuleList(nn.Conv2d(width * 2**i, 2 * width, 1) for i in (1, 2, 3))
        self.outer = nn.ModuleList(nn.Conv2d(2 * width, 2 * width, 3, padding=1) for _ in range(3))
        self.classes, self.boxes = (nn.Conv2d(2 * width, n, 3, padding=1) for n in (classes, 4))
        self.scales = nn.Parameter(torch.tensor([0.5, 1.0, 2.0]))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Return classes (N, positions, classes) and boxes (N, positions, 4) of all levels."""
        x, features = self.stem(x), []
        for layer in self.layers:
            x = layer(x)
            features.append(x)
        last = self.inner[-1](features[-1])
        found = [self.outer[-1](last)]
        for index in (1, 0):
            side = self.inner[index](features[index])
            last = side + F.interpolate(last, size=side.shape[-2:], mode="nearest")
            found.insert(0, self.outer[index](last))
        classes, boxes = [], []
        for index, level in enumerate(found):
            classes.append(self.classes(level).flatten(2).transpose(1, 2))
            box = torch.exp(self.boxes(level) * self.scales[index])
            boxes.append(box.permute(0, 2, 3, 1).flatten(1, 2))
        return {"classes": torch.cat(classes, 1).sigmoid(), "boxes": torch.cat(boxes, dim=1)}


class Bottlenecks(nn.Module):
    """A split of the channels of which one half passes on, and all stages are joined."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.cv1 = nn.Sequential(*conv_norm(channels, channels, 1), nn.SiLU())
        self.m = nn.Sequential(*conv_norm(half, half), nn.SiLU(), *conv_norm(half, half), nn.SiLU())
        self.cv2 = nn.Sequential(*conv_norm(3 * half, channels, 1), nn.SiLU())

    def forward(self, x: Tensor) -> Tensor:
        """Return as many channels."""
        y = list(self.cv1(x).chunk(2, 1))
        y.append(y[-1] + self.m(y[-1]))
        result: Tensor = self.cv2(torch.cat(y, 1))
        return result


class PooledPyramid(nn.Module):
    """Three max pools, one after the other, joined."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.m = nn.MaxPool2d(5, 1, 2)
        self.cv = nn.Sequential(*conv_norm(4 * channels, channels, 1), nn.SiLU())

    def forward(self, x: Tensor) -> Tensor:
        """Return as many channels."""
        pools = [x]
        for _ in range(3):
            pools.append(self.m(pools[-1]))
        result: Tensor = self.cv(torch.cat(pools, 1))
        return result


class Detector(nn.Module):
    """A detector with distributions of distances as boxes, decoded in the network."""

    BINS = 8
    centres: Tensor
    strides: Tensor
    bins: Tensor

    def __init__(self, width: int = 16, classes: int = 3, side: int = 128) -> None:
        super().__init__()
        self.stem = nn.Sequential(*conv_norm(3, width, 3, 2), nn.SiLU())
        self.first = nn.Sequential(*conv_norm(width, 2 * width, 3, 4), nn.SiLU())
        self.second = nn.Sequential(*conv_norm(2 * width, 2 * width, 3, 2), nn.SiLU())
        self.fine, self.coarse = Bottlenecks(2 * width), Bottlenecks(2 * width)
        self.pools, self.up = PooledPyramid(2 * width), nn.Upsample(None, 2, "nearest")
        self.joined = nn.Sequential(*conv_norm(4 * width, 2 * width, 1), nn.SiLU())
        outputs = 4 * self.BINS + classes
        self.heads = nn.ModuleList(nn.Conv2d(2 * width, outputs, 1) for _ in range(2))
        centres, strides = [], []
        for stride in (8, 16):
            steps = torch.arange(side // stride) + 0.5
            rows, columns = torch.meshgrid(steps, steps, indexing="ij")
            centres.append(torch.stack((columns, rows)).flatten(1))
            strides.append(torch.full((1, len(steps) ** 2), float(stride)))
        self.register_buffer("centres", torch.cat(centres, 1))
        self.register_buffer("strides", torch.cat(strides, 1))
        self.register_buffer("bins", torch.arange(self.BINS).float().view(1, self.BINS, 1, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return boxes (N, 4, positions), as centre and size in pixels, and scores."""
        fine = self.fine(self.first(self.stem(x)))
        coarse = self.pools(self.coarse(self.second(fine)))
        fine = self.joined(torch.cat((self.up(coarse), fine), 1))
        found = [head(level) for head, level in zip(self.heads, (fine, coarse), strict=True)]
        joined = torch.cat([level.view(level.shape[0], level.shape[1], -1) for level in found], 2)
        boxes, scores = torch.split(joined, [4 * self.BINS, joined.shape[1] - 4 * self.BINS], 1)
        batch, _, positions = boxes.shape
        bins = boxes.view(batch, 4, self.BINS, positions).transpose(2, 1).softmax(1)
        distances = (bins * self.bins).sum(1)
        start, end = distances.chunk(2, 1)
        start, end = self.centres - start, self.centres + end
        decoded = torch.cat(((start + end) / 2, end - start), 1) * self.strides
        return decoded, scores.sigmoid()


class Anchors(nn.Module):
    """Three anchors at each position, decoded in the network, as YOLOv5 lists them."""

    grid: Tensor
    anchors: Tensor

    def __init__(self, width: int = 16, classes: int = 3, side: int = 64) -> None:
        super().__init__()
        self.body = nn.Sequential(*conv_norm(3, width, 3, 4), nn.SiLU(), Bottlenecks(width))
        self.numbers, count = 5 + classes, side // 4
        self.head = nn.Conv2d(width, 3 * self.numbers, 1)
        rows, columns = torch.meshgrid(torch.arange(count), torch.arange(count), indexing="ij")
        grid = torch.stack((columns, rows), 2).float() - 0.5
        self.register_buffer("grid", grid.view(1, 1, count, count, 2))
        anchors = torch.tensor([[10.0, 13.0], [16.0, 30.0], [33.0, 23.0]])
        self.register_buffer("anchors", anchors.view(1, 3, 1, 1, 2))

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, boxes, 5 + classes)."""
        y = self.head(self.body(x))
        batch, _, height, width = y.shape
        y = y.view(batch, 3, self.numbers, height, width).permute(0, 1, 3, 4, 2).sigmoid()
        centre, size, scores = torch.split(y, [2, 2, self.numbers - 4], 4)
        centre = (centre * 2 + self.grid) * 4
        size = (size * 2) * (size * 2) * self.anchors
        return torch.cat((centre, size, scores), 4).view(batch, -1, self.numbers)


SCENES: dict[str, tuple[Callable[[int, int], nn.Module], int]] = {
    "U-Net": (lambda width, _: UNet(width), 128),
    "FPN": (lambda width, _: FeaturePyramid(width), 128),
    "detector": (lambda width, side: Detector(width, side=side), 128),
    "anchors": (lambda width, side: Anchors(width, side=side), 64),
}
"""Networks of a width and a side of the image, and the side that they are meant for."""
