"""Converts a trained float network to one with binary layers and HWGQ, ready for training.

What export would refuse is refused first. The steps, one in each file: `images` (calibration
batches), `trace` (module to torch.fx graph), `canonicalize` (one form for each thing), `check` (the
trace computes the same), `plan` (which layer becomes what, and why), `observe` and `scale` (what
each ReLU reads, and the scale of its HWGQ), `rewrite` (the new layers), `statistics` (batch norms
behind them), `report`. With real weights the result computes what the original does, up to the
quantisation of activations; binary weights need training.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from edgebin.converter.canonicalize import canonicalize
from edgebin.converter.check import check_traced
from edgebin.converter.images import as_batches
from edgebin.converter.observe import observe
from edgebin.converter.plan import EndKind, plan
from edgebin.converter.report import Conversion, ConvertedLayer
from edgebin.converter.rewrite import rewrite
from edgebin.converter.scale import best_scale
from edgebin.converter.statistics import norms_behind_quantised
from edgebin.converter.trace import check_runs, record_shapes, trace
from edgebin.deprecated import renamed_argument
from edgebin.errors import ExportError, OptionError
from edgebin.exporter import check_export
from edgebin.nn.hwgq import BACKWARDS, HWGQ, THRESHOLDS, Backward, Thresholds
from edgebin.nn.recalibrate import recalibrate
from edgebin.nn.script import without_script
from edgebin.nn.unwrapped import named_modules, unwrapped
from edgebin.train.data.source import DataSet

__all__ = ["Conversion", "ConvertedLayer", "convert"]

Weights = Literal["binary", "float32"]


@renamed_argument("pictures", "images")
def convert(
    model: nn.Module,
    images: DataSet | Tensor | Iterable[object],
    *,
    weights: Weights = "binary",
    first: EndKind = "float32",
    last: EndKind = "float32",
    keep: Collection[str] = (),
    backward: Backward = "clipped",
    thresholds: Thresholds = "half-wave",
    exportable: bool = True,
) -> Conversion:
    """Turn a trained float network into one with binary weights and 2-bit activations.

    A convolution or linear layer becomes `BinaryConv2d` or `BinaryLinear` if all that it reads
    comes from ReLUs, through max pools, dropout, flattening and concatenation at most. For these
    layers HWGQ replaces the ReLU; other readers of the ReLU still read it. HWGQ expects an input of
    unit variance, so a scale per channel, the one of least error on the images, is moved from the
    activations into the weights that read them.

    Args:
        model: maps images (N, C, H, W) to logits. It must be in evaluation mode, in which it is
            traced, and is not changed. Wrappers are taken off, weight norm, spectral norm and
            pruning are computed once, other precisions become float32, and a TorchScript program
            becomes a network of torch.nn, as for export.
        images: to calibrate on. A data set of `edgebin.train.open_data`: 256 of its training
            images, the same each time, normalised as in training and without augmentation. Or some
            hundred training images, normalised as in training and of the size to export: float
            (N, C, H, W), or an iterable of such batches or of (batch, labels) pairs. They are held
            in memory together.
        weights: "float32" quantises only activations, for a teacher or for the first of two
            training steps. The state dict of either kind loads into the other.
        first: kind of the layers that read the image. "float32", the default, leaves them to
            `edgebin.export`, which rounds them to int8 so that they read raw pixels, even if
            channels were normalised differently. "int8" trains with the rounding; such layers read
            raw pixels only if all channels have the same scale.
        last: the same for the layers that make the outputs; there both give the same file.
        keep: names of modules to leave as they are, with everything inside them. Binary layers
            behind a block that ends in a ReLU read HWGQ in its place; what reads a ReLU that is
            itself named does not become binary. Statistics of batch norms behind HWGQ are
            measured again in any case.
        backward: gradient estimator of HWGQ.
        thresholds: of HWGQ; "nearest" rounds to the nearest level. They are in no state dict, so
            two networks that share one, such as a student and its teacher, need the same.
        exportable: whether to refuse at once what `edgebin.export` would refuse after training;
            False is for a network that stays in PyTorch.

    Returns:
        The new network, in evaluation mode, and what became of each layer.

    Raises:
        OptionError: an argument has another type or value, or the images do not fit the network.
        DataError: an image file of the data set is damaged.
        ExportError: the network cannot be copied or traced, its trace computes something else, no
            layer can be converted, or `edgebin.export` would refuse the network: then the error
            names all that it would refuse.
    """
    if isinstance(model, torch.jit.ScriptModule):
        images = as_batches(images, model)
        model = without_script(model, images[0][:1])
    _check(
        model,
        keep,
        weights=(weights, get_args(Weights)),
        first=(first, get_args(EndKind)),
        last=(last, get_args(EndKind)),
        backward=(backward, BACKWARDS),
        thresholds=(thresholds, tuple(THRESHOLDS)),
    )
    model = unwrapped(model)
    batches = as_batches(images, model)
    check_runs(model, batches[0][:2])
    if exportable:
        _check_export(model, batches[0][:1])
    graph = trace(model, batches[0][:2])
    with torch.no_grad():
        record_shapes(graph, batches[0][:2])
        canonicalize(graph)
        check_traced(model, graph, batches[0][:2])
        planned = plan(graph, first=first, last=last, keep=keep, binary=weights == "binary")
        scales = {
            relu.name: best_scale(seen, THRESHOLDS[thresholds])
            for relu, seen in observe(graph, planned.sources, batches).items()
        }
        activation = partial(HWGQ, backward=backward, thresholds=thresholds)
        rows = rewrite(graph, planned, scales, activation=activation)
        recalibrate(graph, batches, norms_behind_quantised(graph))
    return Conversion(graph.eval(), tuple(rows))


def _check_export(model: nn.Module, image: Tensor) -> None:
    """Raise ExportError with everything that export would refuse after training."""
    refusals = check_export(model, image)
    if refusals:
        raise ExportError(refusals=refusals)


def _check(model: object, keep: object, **choices: tuple[object, tuple[str, ...]]) -> None:
    if not isinstance(model, nn.Module):
        raise OptionError(f"model: expected a torch.nn.Module, found {type(model).__name__}")
    for option, (value, known) in choices.items():
        if value not in known:
            raise OptionError(f"{option}: expected {' or '.join(known)}, found {value!r}")
    if isinstance(keep, str) or not isinstance(keep, Collection):
        raise OptionError(f"keep: expected a list of module names, found {type(keep).__name__}")
    modules = named_modules(model)
    for name in keep:
        if not isinstance(name, str) or name not in modules or name == "":
            raise OptionError(f"keep: expected names of modules of the network, found {name!r}")
    training = [name for name, module in modules.items() if module.training]
    if training:
        found = "the whole" if training[0] == "" else f'"{training[0]}"'
        raise OptionError(
            f"model: expected a network in evaluation mode, found {found} in training mode; "
            "what works: model.eval()"
        )
