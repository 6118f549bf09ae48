"""Writes `.ebn` files as FORMAT.md describes them, and reads networks back from them.

This is the only writer. `read` leaves the reading to the C++ core, which checks every byte. What
the writer accepts, the reader accepts, and the same network always gives the same bytes.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import cast

import numpy as np

from edgebin import _core
from edgebin.errors import ModelFileError
from edgebin.files.atomic_write import write_whole
from edgebin.graph.detect import FORMS, Detect
from edgebin.graph.ir import (
    CONSTANT_DTYPES,
    INPUT_DTYPES,
    Array,
    Graph,
    GraphInput,
    InputType,
    Network,
    Node,
    SelfTestCase,
    ValueType,
)
from edgebin.graph.ops import OPS, infer_types
from edgebin.graph.preprocessing import Colour, Filter, Preprocessing
from edgebin.graph.shortest import shortest
from edgebin.graph.task import KINDS, OF_ONE_POSITION, default_task, output_of_classes, task_of

MAGIC = b"\x89EBN\r\n\x1a\n"
VERSIONS = (2, 3)
"""Those that are written; `encode` takes the lowest one that can express the network."""
TYPED_INPUTS = 3
"""The version since which inputs have types and need be no images, and files have a task and may
have a letterbox."""
MAX_HEADER_BYTES = 16 * 2**20
MAX_NODES = 2**14
MAX_RESIZE = 2**24
MAX_LABELS = 2**18
MAX_SELF_TESTS = 16
ALIGNMENT = 64

COLOURS = ("rgb", "bgr", "grey")
FITS = ("crop", "letterbox")
FILTERS = ("nearest", "bilinear", "bicubic", "lanczos")
INPUT_TYPES = tuple(INPUT_DTYPES)
DTYPES = ("bit", "s8", "i16", "i32", "f32")

_PREFIX = struct.Struct("<8sIIQII")
_CHECKSUM_AT = 24


def write(network: Network, path: Path, *, producer: str | None = None) -> None:
    """Write `network` to `path`, whole or not at all.

    Args:
        network: checked in full before anything is written.
        path: replaced where it exists.
        producer: name of the program that made it; by default edgebin and its version.

    Raises:
        ModelFileError: the network is none that FORMAT.md allows, or `path` cannot be written; then
            it is as before, and no temporary file is left.
    """
    contents = encode(network, producer=producer)
    try:
        write_whole(path, lambda file: file.write(contents))
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be written: {error.strerror}") from error


def encode(network: Network, *, producer: str | None = None) -> bytes:
    """Return the bytes of the file.

    Args:
        network: checked in full.
        producer: as for `write`.

    Raises:
        ModelFileError: the network is none that FORMAT.md allows.
    """
    types = infer_types(network.graph)
    _check_labels(network, types)
    header = _header(network, _default_producer() if producer is None else producer)
    if len(header) > MAX_HEADER_BYTES:
        line = f"header is at most {MAX_HEADER_BYTES} bytes, found {len(header)}"
        raise ModelFileError(line, "container.header_size")
    body = bytearray(header)
    _align(body)
    for array in _tensors(network.graph):
        _align(body)
        body += _stored(array)
    size = _PREFIX.size + len(body)
    number = version_for(network)
    fields = _PREFIX.pack(MAGIC, number, len(header), size, 0, 0)
    covered = fields[:_CHECKSUM_AT] if number >= 3 else b""
    return (
        _PREFIX.pack(MAGIC, number, len(header), size, zlib.crc32(body, zlib.crc32(covered)), 0)
        + body
    )


def version_for(network: Network) -> int:
    """Return the lowest version of FORMAT.md that can express `network`."""
    graph, types = network.graph, infer_types(network.graph)
    needed = [
        OPS[node.op].version_for(tuple(types[name] for name in node.inputs)) for node in graph.nodes
    ]
    rule = network.preprocessing
    typed = len(graph.inputs) > 1 or graph.inputs[0].dtype != "u8" or not rule.mean
    default = default_task(types[graph.outputs[0]].shape)
    if typed or rule.fit != "crop" or network.task not in (None, default):
        needed.append(TYPED_INPUTS)
    return max(VERSIONS[0], *needed)


def read(path: Path) -> Network:
    """Return what the file holds.

    Mean and scale come back as the shortest decimals that round to the stored f32.

    Raises:
        ModelFileError: the file is missing, damaged, or no network that the runtime accepts.
    """
    return network_of(_core.Model(str(path)))


def network_of(model: _core.Model) -> Network:
    """Return what the file of a loaded model holds, as `read` does."""
    info, layers = model.info, model.layers
    inputs = tuple(GraphInput(x.name, x.shape, cast(InputType, x.dtype)) for x in info.inputs)
    names = [*(x.name for x in inputs), *(layer.name for layer in layers)]
    nodes = tuple(
        Node(
            op=layer.op,
            name=layer.name,
            inputs=tuple(names[value] for value in layer.inputs),
            constants=constants,
            attributes=layer.attributes,
        )
        for layer, constants in zip(layers, model.constants, strict=True)
    )
    preprocessing = Preprocessing.unchecked(
        mean=tuple(shortest(value) for value in info.mean),
        scale=tuple(shortest(value) for value in info.scale),
        resize=info.resize,
        filter=cast(Filter, info.filter),
        colour=cast(Colour, info.colour),
        fit="letterbox" if info.letterbox else "crop",
        fill=info.fill,
    )
    found = task_of(info)
    task = None if found == default_task(info.outputs[0].shape) else found
    outputs = tuple(names[output.value] for output in info.outputs)
    graph = Graph(inputs, nodes, outputs)
    self_test = tuple(SelfTestCase(seed, tuple(hashes)) for seed, hashes in model.fingerprint)
    return Network(info.name, graph, preprocessing, tuple(info.labels), self_test, task)


def _header(network: Network, producer: str) -> bytes:
    graph, number = network.graph, version_for(network)
    parts = [_str(network.name), _str(producer), _preprocessing(network)]
    parts += [_u32(len(network.labels)), *map(_str, network.labels)]
    tensors = _tensors(graph)
    parts += [_u32(len(tensors)), *map(_table_entry, tensors)]
    parts += _inputs(graph, number)
    numbers = {name: number for number, name in enumerate(graph.names)}
    parts += _nodes(graph, numbers)
    parts += [_u32(len(graph.outputs))]
    parts += [_str(name) + _u32(numbers[name]) for name in graph.outputs]
    parts += [_self_test(network.self_test, len(graph.names))]
    if number >= TYPED_INPUTS:
        parts += [_task(network)]
    return b"".join(parts)


def _check_labels(network: Network, types: Mapping[str, ValueType]) -> None:
    task, count = network.task, len(network.labels)
    if task is not None and task.detect is not None:
        _check_levels(network.graph, task.detect)
    if count == 0:
        return
    channels = types[network.graph.outputs[output_of_classes(task)]].shape[2]
    if count > min(channels, MAX_LABELS):
        line = f"labels are at most {min(channels, MAX_LABELS)}, found {count}"
        raise ModelFileError(line, "labels.count")


def _inputs(graph: Graph, number: int) -> list[bytes]:
    parts = [_u32(len(graph.inputs))]
    for given in graph.inputs:
        parts += [_str(given.name)]
        if number >= TYPED_INPUTS:
            parts += [struct.pack("<B", INPUT_TYPES.index(given.dtype))]
        parts += [struct.pack("<3I", *given.shape)]
    return parts


def _check_preprocessing(preprocessing: Preprocessing, given: GraphInput) -> None:
    for field, value, known in (
        ("colour", preprocessing.colour, COLOURS),
        ("filter", preprocessing.filter, FILTERS),
        ("fit", preprocessing.fit, FITS),
    ):
        if value not in known:
            line = f"{field} is {', '.join(known)}, found {value!r}"
            raise ModelFileError(line, f"preprocessing.{field}")
    boxed = preprocessing.fit == "letterbox"
    if not 0 <= preprocessing.resize <= (0 if boxed else MAX_RESIZE):
        line = f"resize is 0 to {0 if boxed else MAX_RESIZE}, found {preprocessing.resize}"
        raise ModelFileError(line, "preprocessing.resize")
    if not 0 <= preprocessing.fill <= (255 if boxed else 0):
        line = f"fill is 0, or 0 to 255 with a letterbox, found {preprocessing.fill}"
        raise ModelFileError(line, "preprocessing.zero")
    if not preprocessing.mean and not preprocessing.scale:
        return  # no images
    channels = given.shape[2] if given.dtype == "u8" else 0
    for field, values in (("mean", preprocessing.mean), ("scale", preprocessing.scale)):
        if len(values) != channels:
            has = f"has {channels} channels" if channels else "is no image"
            line = f"{field} has {len(values)} values, input {has}"
            raise ModelFileError(line, "preprocessing.channels")
        with np.errstate(over="ignore"):
            stored = np.asarray(values, np.float32)
        if not np.isfinite(stored).all() or (field == "scale" and (stored <= 0).any()):
            above = " and above 0" if field == "scale" else ""
            line = f"{field} is finite{above}, found {', '.join(map(str, values))}"
            raise ModelFileError(line, "preprocessing.numbers")


def _preprocessing(network: Network) -> bytes:
    preprocessing = network.preprocessing
    _check_preprocessing(preprocessing, network.graph.inputs[0])
    colour, resample = COLOURS.index(preprocessing.colour), FILTERS.index(preprocessing.filter)
    fit, fill = FITS.index(preprocessing.fit), preprocessing.fill  # both 0 before version 3
    head = struct.pack("<BBBBI", colour, resample, fit, fill, preprocessing.resize)
    count = _counted(
        "<H", len(preprocessing.mean), "channels of mean and scale", "preprocessing.channels"
    )
    return head + count + np.asarray([*preprocessing.mean, *preprocessing.scale], "<f4").tobytes()


def _nodes(graph: Graph, numbers: dict[str, int]) -> list[bytes]:
    if len(graph.nodes) > MAX_NODES:
        line = f"graph has at most {MAX_NODES} nodes, found {len(graph.nodes)}"
        raise ModelFileError(line, "node.count")
    parts = [_u32(len(graph.nodes))]
    tensor = itertools.count()
    for node in graph.nodes:
        parts += [
            _str(node.op),
            _str(node.name),
            _counted("<B", len(node.inputs), "inputs", "node.inputs"),
        ]
        parts += [_u32(numbers[name]) for name in node.inputs]
        parts += [_counted("<B", len(node.constants), "constants", "node.constant")]
        for role in sorted(node.constants):
            parts += [_str(role), _u32(next(tensor))]
        parts += [_counted("<B", len(node.attributes), "attributes", "node.attribute")]
        for key, value in sorted(node.attributes.items()):
            parts += [_str(key), struct.pack("<i", value)]
    return parts


def _self_test(cases: tuple[SelfTestCase, ...], values: int) -> bytes:
    if len(cases) > MAX_SELF_TESTS:
        line = f"fingerprints are at most {MAX_SELF_TESTS}, found {len(cases)}"
        raise ModelFileError(line, "self_test.count")
    numbers = [len(cases)]
    for case in cases:
        if len(case.hashes) != values:
            raise ModelFileError(
                f"a fingerprint has a hash for each of {values} values, found {len(case.hashes)}"
            )
        numbers += [case.seed, *case.hashes]
    for number in numbers:
        if not 0 <= number < 2**32:
            raise ModelFileError(f"seeds and hashes are 0 to 2^32 - 1, found {number}")
    return struct.pack(f"<{len(numbers)}I", *numbers)


def _task(network: Network) -> bytes:
    task = network.task
    if task is None or task.kind in OF_ONE_POSITION:
        shape = infer_types(network.graph)[network.graph.outputs[0]].shape
        task = default_task(shape) if task is None else task
        if task.kind in OF_ONE_POSITION and shape[:2] != (1, 1):
            line = f"task is {task.kind}, the first output is {'x'.join(map(str, shape))}"
            raise ModelFileError(f"{line}, expected one position", "task.output")
    fields = b""
    if task.kind == "classify":
        fields = struct.pack("<2f", task.temperature, task.threshold)
    if task.detect is not None:
        fields = _detect(task.threshold, task.detect)
    return struct.pack("<BI", KINDS.index(task.kind), len(fields)) + fields


def _check_levels(graph: Graph, rule: Detect) -> None:
    types = infer_types(graph)
    shapes = [types[name].shape for name in graph.outputs]
    for level in rule.numbered(graph.outputs).levels:
        boxes, scores = shapes[int(level.boxes)], shapes[int(level.scores)]
        if boxes[2] != 4 or boxes[:2] != scores[:2]:
            raise ModelFileError(
                f"task is detect, boxes are {'x'.join(map(str, boxes))}, scores are "
                f"{'x'.join(map(str, scores))}, expected 4 channels and the same positions",
                "task.output",
            )


def _detect(threshold: float, rule: Detect) -> bytes:
    numbers = (threshold, rule.iou_threshold, rule.candidates, rule.max_boxes)
    flags = (FORMS.index(rule.form), rule.class_aware, 0, len(rule.levels))
    levels = [struct.pack("<3I", x.stride, x.boxes, x.scores) for x in rule.levels]
    return struct.pack("<2f2I", *numbers) + struct.pack("<2BHI", *flags) + b"".join(levels)


def _tensors(graph: Graph) -> list[Array]:
    return [node.constants[role] for node in graph.nodes for role in sorted(node.constants)]


def _table_entry(array: Array) -> bytes:
    dtype = DTYPES.index(CONSTANT_DTYPES[array.dtype])
    return struct.pack(f"<BBH{array.ndim}I", dtype, array.ndim, 0, *array.shape)


def _stored(array: Array) -> bytes:
    if array.dtype == np.bool_:
        rows = np.asarray(array, np.bool_).reshape(len(array), -1)
        return np.packbits(rows, axis=1, bitorder="little").tobytes()
    return array.astype(array.dtype.newbyteorder("<")).tobytes()


def _align(body: bytearray) -> None:
    body += bytes(-(_PREFIX.size + len(body)) % ALIGNMENT)


def _u32(value: int) -> bytes:
    return struct.pack("<I", value)


def _counted(layout: str, count: int, what: str, code: str) -> bytes:
    limit = 256 ** struct.calcsize(layout) - 1
    if count > limit:
        raise ModelFileError(f"{what} are at most {limit}, found {count}", code)
    return struct.pack(layout, count)


def _str(text: str) -> bytes:
    try:
        stored = text.encode()
    except UnicodeEncodeError as error:
        raise ModelFileError(f"a name is valid Unicode, found {text!r}", "header.utf8") from error
    return _counted("<H", len(stored), "bytes of a string", "header.short") + stored


def _default_producer() -> str:
    try:
        return f"edgebin {version('edgebin')}"
    except PackageNotFoundError:
        return "edgebin"
