"""The operators of FORMAT.md, in its order, one in each file: checks, types, facts and the oracle.

"How to add" in ARCHITECTURE.md names the files that a new operator touches. numpy only; a device
runs the C++ core instead.
"""

from __future__ import annotations

from edgebin.errors import ModelFileError
from edgebin.graph.ir import INPUT_DTYPES, Graph, ValueType
from edgebin.graph.ops.activation.clamp import CLAMP
from edgebin.graph.ops.activation.elu import ELU
from edgebin.graph.ops.activation.exp import EXP
from edgebin.graph.ops.activation.gelu import GELU
from edgebin.graph.ops.activation.gelu_tanh import GELU_TANH
from edgebin.graph.ops.activation.hard_sigmoid import HARD_SIGMOID
from edgebin.graph.ops.activation.hard_swish import HARD_SWISH
from edgebin.graph.ops.activation.prelu import PRELU
from edgebin.graph.ops.activation.relu import RELU
from edgebin.graph.ops.activation.sigmoid import SIGMOID
from edgebin.graph.ops.activation.silu import SILU
from edgebin.graph.ops.activation.tanh import TANH
from edgebin.graph.ops.conv.conv import CONV
from edgebin.graph.ops.conv.linear import LINEAR
from edgebin.graph.ops.elementwise.add import ADD
from edgebin.graph.ops.elementwise.affine import AFFINE
from edgebin.graph.ops.elementwise.dequantize import DEQUANTIZE
from edgebin.graph.ops.elementwise.mul import MUL
from edgebin.graph.ops.elementwise.quantize import QUANTIZE
from edgebin.graph.ops.elementwise.sub import SUB
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.pool.adaptive_avg_pool import ADAPTIVE_AVG_POOL
from edgebin.graph.ops.pool.adaptive_max_pool import ADAPTIVE_MAX_POOL
from edgebin.graph.ops.pool.avg_pool import AVG_POOL
from edgebin.graph.ops.pool.max_pool import MAX_POOL
from edgebin.graph.ops.reduce.argmax import ARGMAX
from edgebin.graph.ops.reduce.group_norm import GROUP_NORM
from edgebin.graph.ops.reduce.l2_normalize import L2_NORMALIZE
from edgebin.graph.ops.reduce.layer_norm import LAYER_NORM
from edgebin.graph.ops.reduce.reduce_max import REDUCE_MAX
from edgebin.graph.ops.reduce.reduce_mean import REDUCE_MEAN
from edgebin.graph.ops.reduce.reduce_sum import REDUCE_SUM
from edgebin.graph.ops.shape.concat import CONCAT
from edgebin.graph.ops.shape.depth_to_space import DEPTH_TO_SPACE
from edgebin.graph.ops.shape.flatten import FLATTEN
from edgebin.graph.ops.shape.pad import PAD
from edgebin.graph.ops.shape.reshape import RESHAPE
from edgebin.graph.ops.shape.resize_bilinear import RESIZE_BILINEAR
from edgebin.graph.ops.shape.resize_nearest import RESIZE_NEAREST
from edgebin.graph.ops.shape.slice import SLICE
from edgebin.graph.ops.shape.space_to_depth import SPACE_TO_DEPTH
from edgebin.graph.ops.shape.take_channels import TAKE_CHANNELS
from edgebin.graph.ops.shape.transpose import TRANSPOSE
from edgebin.graph.ops.signature import (
    MAX_ACTIVATION_ELEMENTS,
    MAX_DIMENSION,
    MAX_INPUTS,
    refusal,
)
from edgebin.graph.ops.softmax import SOFTMAX

OPS: dict[str, Op] = {
    op.name: op
    for op in (
        CONV,
        LINEAR,
        QUANTIZE,
        DEQUANTIZE,
        AFFINE,
        RELU,
        ADD,
        SUB,
        MUL,
        CONCAT,
        MAX_POOL,
        AVG_POOL,
        ADAPTIVE_MAX_POOL,
        ADAPTIVE_AVG_POOL,
        FLATTEN,
        SLICE,
        PAD,
        RESHAPE,
        TRANSPOSE,
        TAKE_CHANNELS,
        DEPTH_TO_SPACE,
        SPACE_TO_DEPTH,
        RESIZE_NEAREST,
        RESIZE_BILINEAR,
        SOFTMAX,
        REDUCE_MEAN,
        REDUCE_SUM,
        REDUCE_MAX,
        ARGMAX,
        L2_NORMALIZE,
        GROUP_NORM,
        LAYER_NORM,
        EXP,
        SIGMOID,
        TANH,
        SILU,
        GELU,
        GELU_TANH,
        ELU,
        PRELU,
        CLAMP,
        HARD_SIGMOID,
        HARD_SWISH,
    )
}
"""Name -> operator, all that an `.ebn` file may hold."""

__all__ = ["OPS", "Op", "infer_types"]


def infer_types(graph: Graph) -> dict[str, ValueType]:
    """Return the type of every value of `graph`, inputs first, then in the order of the nodes.

    Raises:
        ModelFileError: an unknown operator, a name used twice or before its value exists, whatever
            an operator refuses, an input that FORMAT.md does not allow, an output that is not f32,
            no node's or there twice.
    """
    types = _input_types(graph)
    for node in graph.nodes:
        if node.op not in OPS:
            raise refusal(node, "node.op", "unknown operator")
        if node.name in types:
            raise refusal(node, "node.name", "name is taken by an earlier value")
        for name in node.inputs:
            if name not in types:
                reason = f'reads "{name}", which no earlier node makes'
                raise refusal(node, "node.value", reason)
        types[node.name] = OPS[node.op].infer(node, tuple(types[name] for name in node.inputs))
    _check_outputs(graph, types)
    return types


def _input_types(graph: Graph) -> dict[str, ValueType]:
    if not 1 <= len(graph.inputs) <= MAX_INPUTS:
        line = f"graph has 1 to {MAX_INPUTS} inputs, found {len(graph.inputs)}"
        raise ModelFileError(line, "input.count")
    types: dict[str, ValueType] = {}
    for given in graph.inputs:
        if given.dtype not in INPUT_DTYPES:
            line = f'input "{given.name}" is {", ".join(INPUT_DTYPES)}, found {given.dtype!r}'
            raise ModelFileError(line, "input.type")
        if given.name in types:
            raise ModelFileError(f'input "{given.name}" is there twice', "node.name")
        types[given.name] = given.value
        within = all(1 <= size <= MAX_DIMENSION for size in given.shape)
        if not within or sum(x.elements for x in types.values()) > MAX_ACTIVATION_ELEMENTS:
            raise ModelFileError(
                f'input "{given.name}": dimensions are 1 to {MAX_DIMENSION}, at most'
                f" {MAX_ACTIVATION_ELEMENTS} elements of all inputs, found {given.value}",
                "input.elements" if within else "input.dimension",
            )
    return types


def _check_outputs(graph: Graph, types: dict[str, ValueType]) -> None:
    if not graph.outputs:
        raise ModelFileError("graph has no output, expected at least one", "output.count")
    for number, name in enumerate(graph.outputs):
        if name in graph.outputs[:number]:
            raise ModelFileError(f'output "{name}" is there twice', "output.value")
        if name not in types:
            raise ModelFileError(f'output "{name}": no node makes that value', "output.value")
        if types[name].dtype != "f32":
            raise ModelFileError(f'output "{name}" is f32, found {types[name]}', "output.type")
        if any(name == given.name for given in graph.inputs):
            line = f'output "{name}" is the value of a node, found an input'
            raise ModelFileError(line, "output.value")
