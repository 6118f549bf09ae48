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
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from edgebin import _core
from edgebin.errors import OptionError, short
from edgebin.graph.format import encode, network_of
from edgebin.graph.ir import Network, Node
from edgebin.runtime.options import RunOptions
from edgebin.runtime.source import Source, open_core

Pixels: TypeAlias = npt.NDArray[np.uint8]
Values: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.uint8]

_KEPT = 4  # derived models


class Intermediates:
    """Runs a model for any of its values; safe to share between threads."""

    def __init__(self, core: _core.Model, options: RunOptions) -> None:
        """Keep the model and how it was loaded; nothing is derived yet."""
        self._core = core
        self._options = dataclasses.replace(options, isa=core.info.isa)
        self._dtypes = {core.info.input.name: "u8"} | {x.name: x.dtype for x in core.layers}
        self._lock = threading.Lock()
        self._derived: dict[tuple[str, ...], _core.Model] = {}

    def run(self, images: Pixels, outputs: object) -> dict[str, Values]:
        """Run images (N, H, W, C) and return the named values.

        Args:
            images: what the core accepts.
            outputs: names of layers, outputs, the input, or modules; see `Model.run`.

        Raises:
            OptionError: a name is unknown.
            InputError: the images have another shape or dtype.
        """
        layers = {name: self._layer_of(name) for name in _checked_names(outputs)}
        computed = tuple(sorted({x for x in layers.values() if self._dtypes[x] != "u8"}))
        core = self._model_of(computed)
        values: dict[str, Values] = dict(zip(computed, core.run(images), strict=False))
        for layer in computed:
            if self._dtypes[layer] == "code":
                values[layer] = values[layer].astype(np.uint8)
        return {name: values.get(layer, images) for name, layer in layers.items()}

    def _layer_of(self, name: str) -> str:
        """Return the value that a name stands for; raise OptionError for an unknown name."""
        if name in self._dtypes:
            return name
        names = list(self._dtypes)
        for output in self._core.info.outputs:
            if output.name == name:
                return names[output.value]
        inside = [layer for layer in names if layer.startswith(f"{name}.")]
        if inside:
            return inside[-1]
        near = difflib.get_close_matches(name, names, 3, cutoff=0.4) or names[1:4]
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
                network = _with_outputs(network_of(self._core), layers, self._dtypes)
                core = open_core(Source(None, encode(network), network.name), self._options)
            self._derived[layers] = core  # the latest last
            while len(self._derived) > _KEPT:
                del self._derived[next(iter(self._derived))]
        return core


def _with_outputs(network: Network, layers: Sequence[str], dtypes: dict[str, str]) -> Network:
    """Return the network with these values as its outputs; codes become floats, 0 to 3."""
    nodes, outputs = list(network.graph.nodes), []
    taken = set(dtypes)
    for layer in layers:
        output = layer
        if dtypes[layer] == "code":
            while output in taken:
                output += "'"
            taken.add(output)
            step = {"step": np.ones(1, np.float32)}
            nodes.append(Node("dequantize", output, (layer,), step))
        outputs.append(output)
    graph = dataclasses.replace(network.graph, nodes=tuple(nodes), outputs=tuple(outputs))
    return dataclasses.replace(network, graph=graph, labels=(), self_test=())


def _checked_names(outputs: object) -> list[str]:
    if isinstance(outputs, str) or not isinstance(outputs, Sequence):
        raise OptionError(f"outputs: expected a list of names, found {short(outputs)}")
    for name in outputs:
        if not isinstance(name, str):
            raise OptionError(f"outputs: expected names of layers, found {short(name)}")
    return list(outputs)
