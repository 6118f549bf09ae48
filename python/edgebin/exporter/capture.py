"""Turns a PyTorch module into a graph of the dialect.

`trace.py` traces the module. Each ATen call then becomes nodes by the function that
`aten.LOWERINGS` lists for it; calls that do not depend on the image are computed. A call without a
lowering is refused, and the walk goes on, so that one error names all of them. Nothing is optimised
here.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.fx import Node as FxNode

from edgebin.errors import ExportError, Refusal
from edgebin.exporter.aliases import changes_what_is_read_later
from edgebin.exporter.aten import LOWERINGS
from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation, Captured
from edgebin.exporter.aten.constants import computed, reads_image
from edgebin.exporter.aten.hints import COMPOSITES, INSTEAD_OF_COMPOSITES, unsupported
from edgebin.exporter.aten.tensor_shapes import shape_of
from edgebin.exporter.dialect import NORMALIZE
from edgebin.exporter.examples import Examples, constants_of, examples_of
from edgebin.exporter.location import Location, call_location, module_kind, module_path
from edgebin.exporter.trace import traced
from edgebin.graph.ir import Graph, Node
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn.unwrapped import unwrapped

INPUT_NAME = "picture"
"""Name of the input in the file; it is part of the bytes of every exported model since 0.1."""

_CHECKS = ("aten._assert_tensor_metadata", "aten._assert_scalar", "aten._assert_async.msg")
"""Calls that only check what tracing has fixed."""


def capture(model: nn.Module, example: Tensor | Examples, preprocessing: Preprocessing) -> Graph:
    """Trace a module into the dialect; see `capture_named`."""
    return capture_named(model, example, preprocessing)[0]


def capture_named(
    model: nn.Module, example: Tensor | Examples, preprocessing: Preprocessing
) -> tuple[Graph, tuple[str, ...]]:
    """Trace a module into the dialect.

    Args:
        model: maps its inputs, such as normalised float images (N, C, H, W), to one tensor, or a
            tuple or dictionary of tensors. Traced in evaluation mode; its own mode and parameters
            stay as they are.
        example: images, float (N, C, H, W), or `Examples`; only shapes matter.
        preprocessing: mean and scale become the graph's first node, if the first input is an image.

    Returns:
        The graph, and the names that the network gives its outputs, () if it gives none.

    Raises:
        ExportError: the module cannot be traced, or uses what the runtime lacks; it has a refusal
            for each such thing.
    """
    examples = examples_of(example) if isinstance(example, Tensor) else example
    program = traced(unwrapped(model).cpu(), examples.tensors)
    names = _input_names(program, examples)
    walk = _Walk(program, names)
    walk.captured.batch = len(examples.tensors[0])
    read = []
    for index, name in enumerate(names):
        if examples.kinds[index] != "float32":
            made = NORMALIZE if index == 0 else walk.captured.unique(NORMALIZE)
            constants = constants_of(examples.kinds[index], preprocessing)
            channels = examples.shape(index)[0]
            constants = {role: np.broadcast_to(x, channels) for role, x in constants.items()}
            walk.captured.nodes.append(Node(NORMALIZE, made, (name,), constants))
            read.append(made)
        else:
            read.append(name)
        walk.captured.shapes[read[-1]] = examples.shape(index)
    outputs = walk.run(read)
    inputs = tuple(examples.graph_input(index, name) for index, name in enumerate(names))
    return Graph(inputs, tuple(walk.captured.nodes), outputs), output_names(program)


def _input_names(program: torch.export.ExportedProgram, examples: Examples) -> tuple[str, ...]:
    """Return the names of the inputs in the file: of the parameters of forward, or of the image."""
    if examples.kinds == ("image",):
        return (INPUT_NAME,)
    return tuple(program.graph_signature.user_inputs)


class _Walk:
    """One pass over the traced calls, in order."""

    def __init__(self, program: torch.export.ExportedProgram, inputs: tuple[str, ...]) -> None:
        self._graph = program.graph
        self._names = inputs
        self.captured = Captured(names={*inputs, NORMALIZE})
        signature = program.graph_signature
        state: dict[str, Any] = {**program.state_dict, **program.constants}
        self._targets = {
            spec.arg.name: state[spec.target]
            for spec in signature.input_specs
            if spec.target is not None and spec.target in state
        }
        self._inputs = list(signature.user_inputs)
        self._structure = list(_refused_outputs(program, inputs))
        self._refusals: dict[tuple[str, str, Location], Refusal] = {}  # in order, each once

    def run(self, read: Sequence[str]) -> tuple[str, ...]:
        """Walk the calls; `read` are the values of the inputs, in order."""
        outputs: tuple[str, ...] = ()
        for fx in self._graph.nodes:
            try:
                if fx.op == "placeholder":
                    self._place(fx, read)
                elif fx.op == "call_function":
                    self._call(fx)
                elif fx.op == "output":
                    outputs = self._outputs(fx)
                else:
                    raise unsupported(module_path(fx), f"a {fx.op} ({fx.target})")
            except ExportError as error:
                self._refuse(fx, error)
            except Exception:
                if not self._refusals:
                    raise
                # What a refused call gives may be anything.
                self.captured.values[fx] = self.captured.unknown(fx)
        refusals = [*self._refusals.values(), *self._structure]
        if refusals:
            raise ExportError(refusals=refusals)
        return outputs

    def _refuse(self, fx: FxNode, error: ExportError) -> None:
        """Note what was refused; its value is unknown from here on, of the traced shape."""
        place = call_location(fx) if fx.op == "call_function" else Location()
        name = str(fx.target).removesuffix(".default") if fx.op == "call_function" else ""
        for refusal in error.refusals or (Refusal("", str(error)),):
            found = replace(refusal, operator=name, file=place.file, line=place.line)
            self._refusals.setdefault((found.module, found.found, place), found)
        self.captured.values[fx] = self.captured.unknown(fx)

    def _place(self, fx: FxNode, read: Sequence[str]) -> None:
        if fx.name in self._inputs:
            self.captured.values[fx] = Activation(read[self._inputs.index(fx.name)])
        else:
            self.captured.values[fx] = self._targets[fx.name]

    def _call(self, fx: FxNode) -> None:
        kind, values = module_kind(fx), self.captured.values
        if kind in COMPOSITES:
            raise unsupported(module_path(fx), f"torch.nn.{kind}", INSTEAD_OF_COMPOSITES)
        name = str(fx.target).removesuffix(".default")
        if name in _CHECKS:
            return
        if not reads_image(fx, values):
            values[fx] = computed(fx, values, module_path(fx))
            return
        if fx.target is operator.getitem:
            self._take(fx)
            return
        if fx in self.captured.covered:
            values[fx] = self.captured.covered[fx]
            return
        lowering = LOWERINGS.get(name.replace("_.", ".").removesuffix("_"))
        if lowering is None:
            raise unsupported(module_path(fx), name)
        in_place = name.endswith("_") or "_." in name
        if in_place and changes_what_is_read_later(fx, values):
            found = "a call in place on a tensor of which another part or view is read later"
            raise unsupported(module_path(fx), found, "the same call, not in place")
        result = lowering(Call(fx, module_path(fx), self.captured))
        values[fx] = result
        if in_place:  # later readers of the argument see the result
            values[fx.args[0]] = result  # type: ignore[index]

    def _take(self, fx: FxNode) -> None:
        source, index = fx.args
        assert isinstance(source, FxNode)
        value = self.captured.values[source]
        if isinstance(value, list):
            assert isinstance(index, int)
            self.captured.values[fx] = value[index]
            return
        if value.known and fx.users and index != 0:
            raise unsupported(module_path(fx), "a use of an operator's second result")
        self.captured.values[fx] = value if value.known else self.captured.unknown(fx)

    def _outputs(self, fx: FxNode) -> tuple[str, ...]:
        names: list[str] = []
        for result in fx.args[0]:  # type: ignore[union-attr]
            activation = self.captured.values[result] if isinstance(result, FxNode) else result
            if isinstance(activation, Activation) and isinstance(result, FxNode):
                shape = shape_of(result)
                activation = self.captured.lay_out(activation, shape, module_path(result))
            if not isinstance(activation, Activation):
                found = "None" if activation is None else "one that does not depend on its input"
                raise ExportError(f"the network's outputs: expected activations, found {found}")
            if activation.known and activation.value in names:
                raise ExportError(
                    f'the network\'s outputs: expected each once, found "{activation.value}" twice'
                )
            if activation.value in self._names:
                raise ExportError(
                    "the network's outputs: expected what it computes, found its input "
                    f'"{activation.value}"'
                )
            names.append(activation.value)
        return tuple(names)


def output_names(program: torch.export.ExportedProgram) -> tuple[str, ...]:
    """Return the keys of a dictionary or the fields of a named tuple; () for other outputs."""
    spec = program.call_spec.out_spec
    if spec is None or spec.type in (tuple, list) or spec.is_leaf():
        return ()
    keys = getattr(spec.context, "_fields", spec.context)
    return tuple(keys) if isinstance(keys, (tuple, list)) else ()


def _refused_outputs(
    program: torch.export.ExportedProgram, inputs: tuple[str, ...]
) -> Iterator[Refusal]:
    """Yield the refusal of outputs other than a tensor, or a tuple or dictionary of tensors."""
    spec = program.call_spec.out_spec
    if spec is None or spec.is_leaf():
        return
    works = "a tensor, or a tuple or dictionary of tensors"
    names = output_names(program)
    if any(not part.is_leaf() for part in spec.children()):
        yield Refusal("", "nested outputs", works)
    elif spec.type not in (tuple, list) and len(names) != len(spec.children()):
        yield Refusal("", f"a {spec.type.__name__} as its output", works)
    for name in names:
        if not isinstance(name, str) or not name or name in inputs:
            yield Refusal(
                "",
                f"an output with the key {name!r}",
                f'strings as keys, other than "{inputs[0]}"',
            )
