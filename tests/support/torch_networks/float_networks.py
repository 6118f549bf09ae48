"""Small float networks as people write them, for the tests of `edgebin.convert`."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIDE = 16
CLASSES = 5


class BasicBlock(nn.Module):
    """Torchvision's block: one ReLU module called twice, in place, and a projection with norm."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.downsample: nn.Module | None = None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Post-activation."""
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        result: Tensor = self.relu(out)
        return result


class ResNet(nn.Module):
    """Torchvision's names and forward."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(BasicBlock(width, width, 1), BasicBlock(width, width, 1))
        self.layer2 = nn.Sequential(BasicBlock(width, 2 * width, 2))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(2 * width, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.avgpool(self.layer2(self.layer1(x)))
        logits: Tensor = self.fc(torch.flatten(x, 1))
        return logits


class PreBlock(nn.Module):
    """Pre-activation, with functions instead of modules."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(channels, out, 1, stride, bias=False) if channels != out else None

    def forward(self, x: Tensor) -> Tensor:
        """The stream after this block."""
        y = F.relu(self.bn1(x))
        kept = x if self.shortcut is None else self.shortcut(y)
        stream: Tensor = self.conv2(F.relu(self.bn2(self.conv1(y)))) + kept
        return stream


class PreActResNet(nn.Module):
    """Ends in a mean instead of a pool."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1)
        self.a = PreBlock(width, width, 1)
        self.b = PreBlock(width, 2 * width, 2)
        self.bn = nn.BatchNorm2d(2 * width)
        self.fc = nn.Linear(2 * width, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x = self.b(self.a(self.conv(x)))
        logits: Tensor = self.fc(F.relu(self.bn(x)).mean((2, 3)))
        return logits


class VGG(nn.Module):
    """Torchvision's: an adaptive pool that does nothing, dropout and hidden linear layers."""

    def __init__(self, width: int = 8, *, norm: bool = True) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for out in (width, width, 0, 2 * width, 2 * width, 0):
            if out == 0:
                layers.append(nn.MaxPool2d(2))
                continue
            layers.append(nn.Conv2d(before, out, 3, padding=1))
            layers.extend([nn.BatchNorm2d(out)] if norm else [])
            layers.append(nn.ReLU(inplace=True))
            before = out
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(SIDE // 4)
        self.classifier = nn.Sequential(
            nn.Linear(before * (SIDE // 4) ** 2, 64),
            nn.ReLU(True),
            nn.Dropout(0.1),
            nn.Linear(64, 64),
            nn.ReLU(True),
            nn.Dropout(0.1),
            nn.Linear(64, CLASSES),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x = self.avgpool(self.features(x))
        logits: Tensor = self.classifier(x.view(x.size(0), -1))
        return logits


class Fire(nn.Module):
    """SqueezeNet's: two convolutions over one, joined."""

    def __init__(self, channels: int, squeezed: int, out: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeezed, 1)
        self.one = nn.Conv2d(squeezed, out, 1)
        self.three = nn.Conv2d(squeezed, out, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Twice `out` channels."""
        x = F.relu(self.squeeze(x), inplace=True)
        return torch.cat([F.relu_(self.one(x)), torch.relu(self.three(x))], 1)


class SqueezeNet(nn.Sequential):
    """The last layer is a convolution."""

    def __init__(self, width: int = 8) -> None:
        super().__init__(
            nn.Conv2d(3, width, 3, 2, 1),
            nn.ReLU(True),
            Fire(width, 6, width),
            nn.MaxPool2d(2),
            Fire(2 * width, 6, width),
            nn.Dropout(),
            nn.Conv2d(2 * width, CLASSES, 1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )


def grouped() -> nn.Module:
    """ReLU6, a depthwise and a grouped convolution, and a batch norm without gain and shift."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1, bias=False),
        nn.BatchNorm2d(8, affine=False),
        nn.ReLU6(inplace=True),
        nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU6(inplace=True),
        nn.Conv2d(8, 16, 3, 1, 1, groups=2, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.AdaptiveMaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 12, bias=False),
        nn.BatchNorm1d(12),
        nn.ReLU(),
        nn.Linear(12, CLASSES),
    )


def mlp() -> nn.Module:
    """Linear layers alone, the first on pixels."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(3 * SIDE * SIDE, 32),
        nn.ReLU(),
        nn.Linear(32, 24),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Linear(24, 24),
        nn.Dropout(0.1),
        nn.ReLU(),
        nn.Linear(24, CLASSES),
    )


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "resnet": ResNet,
    "pre-activation": PreActResNet,
    "vgg": VGG,
    "vgg without norms": lambda: VGG(norm=False),
    "squeezenet": SqueezeNet,
    "grouped": grouped,
    "mlp": mlp,
}


def images(count: int, *, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Normalised images (count, 3, SIDE, SIDE) and labels: a bright bar on noise.

    The bar's place and colour name the class.
    """
    random = torch.Generator().manual_seed(seed)
    labels = torch.randint(CLASSES, (count,), generator=random)
    x = torch.randn(count, 3, SIDE, SIDE, generator=random)
    for image, label in zip(x, labels.tolist(), strict=True):
        image[label % 3, 3 * label : 3 * label + 3] += 1.5
    return x, labels


def trained(name: str, *, steps: int = 60) -> nn.Module:
    """A network of NETWORKS after some steps, in evaluation mode."""
    torch.manual_seed(0)
    model = NETWORKS[name]()
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    train(model, *images(steps * 32), loss=F.cross_entropy)
    return model


def train(
    model: nn.Module, x: Tensor, wanted: Tensor, *, loss: Callable[[Tensor, Tensor], Tensor]
) -> None:
    """One pass over the images in batches of 32 with Adam, ending in evaluation mode."""
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    batches = list(zip(*(torch.split(part, 32) for part in (x, wanted)), strict=True))
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.01, len(batches))
    for batch, target in batches:
        optimizer.zero_grad()
        loss(model(batch), target).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    model.eval()


def accuracy(model: nn.Module, x: Tensor, labels: Tensor) -> float:
    """Share of images whose largest logit is the label's."""
    with torch.no_grad():
        return float((model(x).argmax(1) == labels).float().mean())
