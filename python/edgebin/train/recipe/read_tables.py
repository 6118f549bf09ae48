"""A recipe's tables from plain data, key by key, each with its type, range and default.

Every reader takes a section and raises RecipeError, in one line, if a key is missing, unknown or
impossible.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from edgebin.errors import OptionError, RecipeError
from edgebin.nn.networks import NETWORKS, check_options
from edgebin.train.recipe.section import Section
from edgebin.train.recipe.tables import (
    PRECISIONS,
    Cifar10Recipe,
    DistillationRecipe,
    EmaRecipe,
    FolderRecipe,
    NetworkRecipe,
    OptimizerRecipe,
    RunRecipe,
    ScheduleRecipe,
)

_FROM_DATA = ("num_classes", "input_size")

_REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "network": ("name",),
        "data": ("kind", "mean", "std"),
        "optimizer": ("name", "lr"),
        "schedule": ("epochs", "batch_size", "kind"),
        "distillation": ("weight", "temperature"),
        "ema": ("decay",),
    }
)
_REQUIRED_OF_FOLDERS = ("input_size", "resize")


def required_keys(name: str, table: Mapping[str, object]) -> tuple[str, ...]:
    """Return the keys that have no default in a table of a recipe."""
    required = _REQUIRED.get(name, ())
    is_folder = name == "data" and table.get("kind") == "folder"
    return required + (_REQUIRED_OF_FOLDERS if is_folder else ())


def read_network(section: Section) -> NetworkRecipe:
    """Return [network]: a name, and the options that the recipe gives."""
    for key in _FROM_DATA:
        if key in section.left:
            section.fail(key, "no such key, for the data set gives it", section.left[key])
    name = section.choice("name", tuple(NETWORKS))
    options = dict(section.left)
    for key in options:
        section.check_known(key, ("name", *check_options(name, {})))
    try:
        full = check_options(name, options)
    except OptionError as error:
        raise RecipeError(f"{section.source}: [network] {error}") from None
    return NetworkRecipe(name, {key: full[key] for key in options})


def read_data(section: Section) -> Cifar10Recipe | FolderRecipe:
    """Return [data], of whichever kind it is."""
    kind = section.choice("kind", ("cifar10", "folder"))
    mean = section.numbers("mean", 3, least=0.0, most=1.0)
    std = section.numbers("std", 3, least=0.0, most=1.0, above=0.0)
    flip = section.boolean("flip", True)
    holdout = section.count_or_share("holdout", 0, most=10**9)
    data: Cifar10Recipe | FolderRecipe
    if kind == "cifar10":
        pad = section.integer("pad", 4, least=0, most=32)
        data = Cifar10Recipe(mean, std, pad, flip, holdout)
    else:
        size = section.integer("input_size", least=1, most=4096)
        resize = section.integer("resize", least=size, most=8192)
        scale = section.numbers("scale", 2, [0.08, 1.0], least=0.0, most=1.0, above=0.0)
        if scale[0] > scale[1]:
            section.fail("scale", "the smaller number first", list(scale))
        memory = section.boolean("memory", False)
        labels = section.labels("labels")
        data = FolderRecipe(mean, std, size, resize, scale, flip, holdout, memory, labels)
    section.finish()
    return data


def read_optimizer(section: Section) -> OptimizerRecipe:
    """Return [optimizer]."""
    name = section.choice("name", ("sgd", "adamw"))
    lr = section.number("lr", least=0.0, most=100.0, above=0.0)
    momentum, nesterov = 0.0, False
    if name == "sgd":
        momentum = section.number("momentum", 0.9, least=0.0, most=1.0)
        nesterov = section.boolean("nesterov", False)
        if nesterov and momentum == 0.0:
            section.fail("nesterov", "false where momentum is 0", nesterov)
    decay = section.number("weight_decay", 0.0, least=0.0, most=100.0)
    decay_all = section.boolean("decay_all", True)
    section.finish()
    return OptimizerRecipe(name, lr, momentum, nesterov, decay, decay_all)


def read_schedule(section: Section) -> ScheduleRecipe:
    """Return [schedule]."""
    epochs = section.integer("epochs", least=1, most=10**6)
    batch_size = section.integer("batch_size", least=2, most=10**6)
    warmup = section.number("warmup_epochs", 0.0, least=0.0, most=float(epochs))
    kind = section.choice("kind", ("cosine", "linear"))
    smoothing = section.number("label_smoothing", 0.0, least=0.0, most=0.999)
    section.finish()
    return ScheduleRecipe(epochs, batch_size, warmup, kind, smoothing)


def read_run(section: Section) -> RunRecipe:
    """Return [run]."""
    run = RunRecipe(
        section.integer("seed", 0, least=0, most=2**63 - 1),
        section.boolean("compile", False),
        section.boolean("channels_last", False),
        section.choice("precision", PRECISIONS, "float32"),
    )
    section.finish()
    return run


def read_distillation(section: Section) -> DistillationRecipe:
    """Return [distillation]."""
    weight = section.number("weight", least=0.0, most=1.0, above=0.0)
    temperature = section.number("temperature", least=0.0, most=1000.0, above=0.0)
    section.finish()
    return DistillationRecipe(weight, temperature)


def read_ema(section: Section) -> EmaRecipe:
    """Return [ema]."""
    decay = section.number("decay", least=0.0, most=0.999999)
    recalibrate = section.integer("recalibrate", 50, least=0, most=10**6)
    section.finish()
    return EmaRecipe(decay, recalibrate)
