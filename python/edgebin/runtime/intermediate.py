"""Values inside a network by name: those that a run computes on the way to its outputs.

The core fuses layers and reuses memory, so a run keeps no value that is not an output. Asked for
others, it runs a model derived from the same file whose outputs they are: what follows a value is
no longer fused with it, and its memory is not reused. All layers compute the same bits as before.
Derived models are kept, a few for each model.
"""

from __future__ import annotations

import dataclasses
import difflib
import threading
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from edgebin import _core
from edgebin.errors import OptionError, short
from edgebin.graph.format import encode, network_of
from edgebin.graph.ir import Network, Node
from edgebin.runtime.options import RunOptions
from edgebin.runtime.source import Source, open_core

Values: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.uint8] | npt.NDArray[np.int8]

_KEPT = 4  # derived models


class Intermediates:
    """Runs a model for any of its values; safe to share between threads."""

    def __init__(self, core: _core.Model, options: RunOptions) -> None:
        """Keep the model and how it was loaded; nothing is derived yet."""
        self._core = core
        self._options = dataclasses.replace(options, isa=core.info.isa)
        self._inputs = [x.name for x in core.info.inputs]
        self._types = {x.name: x for x in core.layers}
        self._names = [*self._inputs, *self._types]
        self._lock = threading.Lock()
        self._derived: dict[tuple[str, ...], _core.Model] = {}

    def run(self, inputs: Any, outputs: object) -> dict[str, Values]:
        """Run a batch and return the named values.

        Args:
            inputs: what the core accepts.
            outputs: names of layers, outputs, inputs, or modules; see `Model.run`.

        Raises:
            OptionError: a name is unknown.
            InputError: the inputs have another shape or dtype.
        """
        layers = {name: self._layer_of(name) for name in _checked_names(outputs)}
        computed = tuple(sorted(set(layers.values()) - set(self._inputs)))
        core = self._model_of(computed)
        found = core.run(inputs)
        given = inputs if isinstance(inputs, list) else [inputs]
        values: dict[str, Values] = dict(zip(self._inputs, given, strict=True))
        for layer, array in zip(computed, found, strict=False):
            is_f32 = self._types[layer].dtype == "f32"
            values[layer] = array if is_f32 else array.astype(np.uint8)
        return {name: values[layer] for name, layer in layers.items()}

    def _layer_of(self, name: str) -> str:
        """Return the value that a name stands for; raise OptionError for an unknown name."""
        names = self._names
        if name in names:
            return name
        for output in self._core.info.outputs:
            if output.name == name:
                return names[output.value]
        inside = [layer for layer in names if layer.startswith(f"{name}.")]
        if inside:
            return inside[-1]
        near = difflib.get_close_matches(name, names, 3, cutoff=0.4) or list(self._types)[:3]
        raise OptionError(
            f"outputs: expected names of layers, such as {', '.join(near)} "
            f"(Model.layers has all), found {short(name)}"
        )

    def _model_of(self, layers: tuple[str, ...]) -> _core.Model:
        """Return a model whose outputs are these values, derived at the first call."""
        if not layers:
            return self._core
        with self._lock:
            core = self._derived.pop(layers, None)
            if core is None:
                types = [self._types[layer] for layer in layers]
                network = _with_outputs(network_of(self._core), types, set(self._names))
                core = open_core(Source(None, encode(network), network.name), self._options)
            self._derived[layers] = core  # the latest last
            while len(self._derived) > _KEPT:
                del self._derived[next(iter(self._derived))]
        return core


def _with_outputs(network: Network, layers: Sequence[_core.LayerInfo], taken: set[str]) -> Network:
    """Return the network with these values as its outputs; codes and bytes become floats."""
    nodes, outputs = list(network.graph.nodes), []
    for layer in layers:
        output = layer.name
        if layer.dtype != "f32":
            while output in taken:
                output += "'"
            taken.add(output)
            nodes.append(_as_f32(layer, output))
        outputs.append(output)
    graph = dataclasses.replace(network.graph, nodes=tuple(nodes), outputs=tuple(outputs))
    return dataclasses.replace(network, graph=graph, labels=(), self_test=(), task=None)


def _as_f32(layer: _core.LayerInfo, name: str) -> Node:
    if layer.dtype == "code":
        return Node("dequantize", name, (layer.name,), {"step": np.ones(1, np.float32)})
    ones = np.ones(layer.shape[2], np.float32)
    return Node("affine", name, (layer.name,), {"scale": ones, "bias": 0 * ones})


def _checked_names(outputs: object) -> list[str]:
    if isinstance(outputs, str) or not isinstance(outputs, Sequence):
        raise OptionError(f"outputs: expected a list of names, found {short(outputs)}")
    for name in outputs:
        if not isinstance(name, str):
            raise OptionError(f"outputs: expected names of layers, found {short(name)}")
    return list(outputs)
