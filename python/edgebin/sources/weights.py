"""A network of edgebin with weights from a file: a state dict, or safetensors."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from edgebin.errors import CheckpointError, OptionError, cut, first_line
from edgebin.files.safe_open import open_ordinary
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn.networks import build, check_options
from edgebin.sources.foreign import STATE_DICT_KEYS, described, kind_of
from edgebin.sources.safetensors import looks_like_safetensors, read_safetensors
from edgebin.sources.source import Source, ends
from edgebin.train.checkpoint.archive import check_archive
from edgebin.train.checkpoint.entries import is_finite, is_tensor
from edgebin.train.checkpoint.legacy import check_legacy
from edgebin.train.checkpoint.prefixes import WRAPPERS, without_prefixes

_PREFIXES = (*WRAPPERS, "model.", "network.", "net.")
"""What wrappers and trainers put before every name."""


def from_weights(path: Path, name: str, preprocessing: Preprocessing, **options: object) -> Source:
    """Return a network of edgebin with the weights of a file.

    The number of classes, and whether batch norms have a scale, are those of the weights.

    Args:
        path: of a state dict, as torch.save writes it, alone or in a training's checkpoint; or of a
            safetensors file. Prefixes such as "module." are left out.
        name: a name of `edgebin.nn.networks.NETWORKS`.
        preprocessing: how an image becomes the network's input.
        options: of the network, see `edgebin.nn.networks.check_options`.

    Raises:
        CheckpointError: the file is missing, damaged, no state dict, or does not fit the network.
        OptionError: an unknown network or option.
    """
    check_options(name, options)
    weights = without_prefixes(read_weights(path), _PREFIXES)
    full = check_options(name, {**options, **_options_of(weights, name, options)})
    try:
        with torch.device("meta"):
            _check_fit(path, build(name, **full), weights, name)
        model = build(name, **full)
    except (RuntimeError, MemoryError) as error:  # torch was refused memory
        raise OptionError(f"{name}: cannot be made: {first_line(error)}") from None
    model.load_state_dict(dict(weights))
    side = cast(int, full["input_size"])
    example = torch.zeros(1, 3, side, side)
    return Source(name, model.eval(), example, (), preprocessing, *ends(full))


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the state dict that a file holds, on the CPU.

    Raises:
        CheckpointError: the file is missing, damaged, or holds no state dict.
    """
    try:
        with open_ordinary(path) as file:
            start = file.read(4096)
        if looks_like_safetensors(start):
            return _checked(path, read_safetensors(path))
        kind, _ = kind_of(path)
        if kind is not None and not kind.is_weights:
            raise CheckpointError(described(path, kind))
        if start.startswith(b"PK"):
            check_archive(path)
        else:
            check_legacy(path)
        return _checked(path, _state_dict(path, _loaded(path)))
    except FileNotFoundError:
        raise CheckpointError(f"{path}: expected weights, found no such file") from None
    except CheckpointError:
        raise
    except Exception as error:  # a damaged archive or pickle raises errors of any type
        raise CheckpointError(f"{path}: damaged: {first_line(error)}") from None


def _loaded(path: Path) -> object:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:  # its words advise to load the file in the unsafe way
        line = f"{path}: expected tensors and plain values, found something else"
        raise CheckpointError(line) from None


def _state_dict(path: Path, data: object) -> object:
    if isinstance(data, dict) and data.get("format") == "edgebin-checkpoint":
        raise CheckpointError(
            f"{path}: expected weights alone, found a checkpoint of edgebin train, which has its "
            "network in it; what works: the command without --arch"
        )
    for key in STATE_DICT_KEYS:
        if isinstance(data, dict) and isinstance(data.get(key), Mapping):
            return data[key]
    return data


def _checked(path: Path, data: object) -> dict[str, Tensor]:
    if not isinstance(data, Mapping) or not data:
        found = "nothing" if isinstance(data, Mapping) else type(data).__name__
        raise CheckpointError(f"{path}: expected names and tensors, found {found}")
    for name, value in data.items():
        if not isinstance(name, str) or not name.isprintable():
            raise CheckpointError(f"{path}: expected printable names of tensors, found another")
        if not isinstance(value, Tensor) or not is_tensor(value):
            raise CheckpointError(
                f"{path}: {cut(name, 80)}: expected a tensor, found {type(value).__name__}"
            )
        if not is_finite(value):
            raise CheckpointError(f"{path}: {cut(name, 80)}: expected finite numbers")
    return dict(data)


def _options_of(
    weights: Mapping[str, Tensor], name: str, given: Mapping[str, object]
) -> dict[str, object]:
    """Return the options that can be seen in the weights."""
    found: dict[str, object] = {}
    if "affine" not in given:
        norms = {key.rpartition(".")[0] for key in weights if key.endswith(".running_mean")}
        found["affine"] = any(f"{norm}.weight" in weights for norm in norms)
    if "num_classes" not in given:
        with torch.device("meta"):
            two, three = (build(name, num_classes=n).state_dict() for n in (2, 3))
        for key, value in two.items():
            axes = [a for a, size in enumerate(value.shape) if size != three[key].shape[a]]
            if axes and key in weights and weights[key].dim() == value.dim():
                found["num_classes"] = int(weights[key].shape[axes[0]])
    return found


def _check_fit(path: Path, network: nn.Module, weights: Mapping[str, Tensor], name: str) -> None:
    expected = network.state_dict()
    for key in sorted(expected.keys() | weights.keys()):
        wanted, found = _shape(expected.get(key)), _shape(weights.get(key))
        if wanted != found:
            raise CheckpointError(
                f"{path}: the weights do not fit {name}: {cut(key, 80)}: expected {wanted}, found "
                f"{found}; --width and --input-size change the network"
            )


def _shape(value: Tensor | None) -> str:
    return "none" if value is None else f"shape {tuple(value.shape)}"
