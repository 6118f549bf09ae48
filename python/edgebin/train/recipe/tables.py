"""A recipe's tables as frozen dataclasses, field by field as the TOML file has them.

They hold values; `read_tables.py` checks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edgebin.nn.networks import Option

PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True, slots=True)
class NetworkRecipe:
    """[network]: a name of `edgebin.nn.networks.NETWORKS` and the options that were given."""

    name: str
    options: Mapping[str, Option]


@dataclass(frozen=True, slots=True)
class Cifar10Recipe:
    """[data] kind = "cifar10": 32x32 images, ten classes.

    mean and std are of pixel values divided by 255, in RGB order; pad is in pixels, replicated
    before a random crop; holdout images of the training set, or that share of it where it is below
    1, are kept out of training.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    pad: int
    flip: bool
    holdout: int | float


@dataclass(frozen=True, slots=True)
class FolderRecipe:
    """[data] kind = "folder": folders of images by class.

    Training takes a random crop whose share of the area is between the two of scale, resized to
    input_size; evaluation resizes the shorter side to resize and crops the centre. With memory,
    training images are decoded once and kept on the device, see `data/memory.py`. labels are what
    the class of each folder is called, by folder; without any, folders are labels.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    input_size: int
    resize: int
    scale: tuple[float, ...]
    flip: bool
    holdout: int | float
    memory: bool = False
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class OptimizerRecipe:
    """[optimizer]: momentum and nesterov belong to "sgd".

    With decay_all false, weight decay leaves out biases and batch norms.
    """

    name: str
    lr: float
    momentum: float
    nesterov: bool
    weight_decay: float
    decay_all: bool


@dataclass(frozen=True, slots=True)
class ScheduleRecipe:
    """[schedule]: linear warm-up, then a cosine or a line down to zero; smoothing of the labels."""

    epochs: int
    batch_size: int
    warmup_epochs: float
    kind: str
    label_smoothing: float


@dataclass(frozen=True, slots=True)
class RunRecipe:
    """[run]: seed, torch.compile or not, channels-last or not, precision of the products.

    With compile, one GPU also records a step of a named network as a CUDA graph
    (`backend/cuda_graph.py`).
    """

    seed: int
    compile: bool
    channels_last: bool
    precision: str


@dataclass(frozen=True, slots=True)
class DistillationRecipe:
    """[distillation]: the teacher's share of the loss, and the temperature of both softmaxes."""

    weight: float
    temperature: float


@dataclass(frozen=True, slots=True)
class EmaRecipe:
    """[ema]: decay of the moving average of the parameters, and batches for its statistics.

    Each epoch ends with batch norms recalibrated on so many training batches, at most an epoch's; 0
    keeps the statistics of training.
    """

    decay: float
    recalibrate: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole recipe; `source` is where it came from, for messages.

    network is None where the table is absent, for a network of the user's own; so are the tables
    that a run may do without.
    """

    source: str
    network: NetworkRecipe | None
    data: Cifar10Recipe | FolderRecipe
    optimizer: OptimizerRecipe
    schedule: ScheduleRecipe
    run: RunRecipe
    distillation: DistillationRecipe | None = None
    ema: EmaRecipe | None = None
