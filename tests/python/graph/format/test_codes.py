"""Every code of FORMAT.md is provoked by a file that breaks its rule and no other.

The table of codes, the list that C++ has and the cases below are the same set; so a rule cannot be
added, renamed or dropped in one of them alone. The files are written field by field, for most of
them are none that the writer would write.
"""

from __future__ import annotations

import math
import os
import pickle
import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from edgebin import _core
from edgebin.errors import ModelFileError, OptionError
from graphs.byte_writer import BIT, F32, I16, I32, S8, File, Step, Tensor, reals, rows

FORMAT = (Path(__file__).parents[4] / "FORMAT.md").read_text()

AFFINE, QUANTIZE, CONV, SHOWN = range(4)
GOOD = File(
    tensors=(
        reals(1, 1, 1),
        reals(0, 0, 0),
        rows(F32, [[0, 0.5, 1]] * 3),
        Tensor(S8, (3,), b"\x01\xff\x01"),
        Tensor(BIT, (2, 2, 2, 3), b"\x00\x0f\xff\x03"),
        rows(I16, [[-1, 0, 1]] * 2),
        reals(0.5),
    ),
    nodes=(
        Step("affine", "real", (0,), (("scale", 0), ("bias", 1))),
        Step("quantize", "codes", (1,), (("thresholds", 2), ("sign", 3))),
        Step("conv", "hidden", (2,), (("weights", 4), ("thresholds", 5)), (("stride_h", 2),)),
        Step("dequantize", "shown", (3,), (("step", 6),)),
    ),
    outputs=(4, 1),
    input_shape=(4, 5, 3),
    labels=(b"cat", b"dog"),
)
"""Three channels become codes, then two channels of binary sums."""

PIXELS = File(
    tensors=(
        Tensor(S8, (2, 1, 1, 3), bytes(6)),
        reals(1, 1),
        Tensor(I32, (3,), bytes(12)),
    ),
    nodes=(Step("conv", "first", (0,), (("weights", 0), ("scale", 1), ("zero", 2))),),
    outputs=(1,),
    input_shape=(4, 5, 3),
)
"""An 8-bit first layer."""


def tensor(index: int, file: File = GOOD, **changes: object) -> File:
    changed = list(file.tensors)
    changed[index] = replace(changed[index], **changes)  # type: ignore[arg-type]
    return replace(file, tensors=tuple(changed))


def node(index: int, file: File = GOOD, **changes: object) -> File:
    changed = list(file.nodes)
    changed[index] = replace(changed[index], **changes)  # type: ignore[arg-type]
    return replace(file, nodes=tuple(changed))


def attributes(index: int, *pairs: tuple[str, int]) -> File:
    return node(index, attributes=pairs)


def alone(op: str, *, inputs: tuple[int, ...] = (1,), **attributes: int) -> File:
    """The real image and one operator without constants."""
    step = Step(op, "last", inputs, (), tuple(attributes.items()))
    tensors, nodes = GOOD.tensors[:2], (GOOD.nodes[0], step)
    return replace(GOOD, tensors=tensors, nodes=nodes, outputs=(2,), labels=())


def linear(row: int) -> File:
    """A linear layer of pixels whose rows have so many weights."""
    tensors = (Tensor(BIT, (1, row), bytes(-(-row // 8))), reals(1), Tensor(I32, (4,), bytes(16)))
    roles = (("weights", 0), ("scale", 1), ("zero", 2))
    return File(tensors, (Step("linear", "fc", (0,), roles),), (1,), (1, 1, 4))


def small_groups(groups: int) -> File:
    """A convolution of reals whose many groups have two channels each, of one position."""
    roles, groups_of = (("weights", 2), ("scale", 3)), (("groups", groups),)
    nodes = (
        Step("affine", "real", (0,), (("scale", 0), ("bias", 1))),
        Step("flatten", "flat", (1,)),
        Step("conv", "grouped", (2,), roles, groups_of),
    )
    weights = Tensor(BIT, (groups, 1, 1, 2), bytes(groups))
    tensors = (reals(1), reals(0), weights, Tensor(F32, (groups,), bytes(4 * groups)))
    return File(tensors, nodes, (3,), (2, groups, 1))


def wide_codes() -> File:
    """2^28 pixels of one code each: a word for each of its two planes."""
    thresholds, step = rows(F32, [[0, 1, 2]]), reals(1)
    tensors = (reals(1), reals(0), thresholds, step)
    nodes = (
        GOOD.nodes[AFFINE],
        Step("quantize", "codes", (1,), (("thresholds", 2),)),
        Step("dequantize", "shown", (2,), (("step", 3),)),
    )
    return File(tensors, nodes, (3,), (2**14, 2**14, 1))


def linear_of_a_map() -> File:
    step = Step("linear", "fc", (1,), (("weights", 2),))
    tensors = (*GOOD.tensors[:2], rows(F32, [[1, 1, 1]]))
    return replace(GOOD, tensors=tensors, nodes=(GOOD.nodes[0], step), outputs=(2,), labels=())


def joined(op: str) -> File:
    """The real image and its mean as the inputs of an operator."""
    mean = Step("adaptive_avg_pool", "mean", (1,), (), (("out_h", 1), ("out_w", 1)))
    nodes = (GOOD.nodes[0], mean, Step(op, "joined", (1, 2)))
    return replace(GOOD, tensors=GOOD.tensors[:2], nodes=nodes, outputs=(3,), labels=())


def clamp(low: float, high: float) -> File:
    """The real image and a clamp, in version 3 without fingerprints."""
    step = Step("clamp", "last", (1,), (("min", 2), ("max", 3)))
    tensors = (*GOOD.tensors[:2], reals(low), reals(high))
    changed = replace(GOOD, tensors=tensors, nodes=(GOOD.nodes[0], step), outputs=(2,), labels=())
    return replace(changed, version=3, behind=NO_PROBES + RAW)


def one_pixel(**changes: object) -> File:
    """A file of version 3 without fingerprints: one pixel of three channels, as reals."""
    step = Step("affine", "real", (0,), (("scale", 0), ("bias", 1)))
    file = File(GOOD.tensors[:2], (step,), (1,), (1, 1, 3), version=3, behind=NO_PROBES + RAW)
    return replace(file, **changes)  # type: ignore[arg-type]


def classes(temperature: float, threshold: float) -> File:
    """The same, as a classifier."""
    numbers = struct.pack("<2f", temperature, threshold)
    return one_pixel(behind=NO_PROBES + struct.pack("<BI", 0, 8) + numbers)


def embedded_map() -> File:
    return one_pixel(input_shape=(2, 1, 3), behind=NO_PROBES + struct.pack("<BI", 3, 0))


def detecting(
    levels: Sequence[tuple[int, int, int]] = ((1, 0, 1),),
    size: int | None = None,
    **changes: float,
) -> File:
    """A detector of one position and five classes; levels are strides, boxes and scores."""
    numbers = {"threshold": 0.5, "overlap": 0.5, "candidates": 1000, "boxes": 100}
    numbers |= {"form": 0, "class_aware": 1, "zero": 0} | changes
    listed = [struct.pack("<3I", *level) for level in levels]
    fields = struct.pack("<2f2I2BHI", *numbers.values(), len(levels)) + b"".join(listed)
    return File(
        tensors=(reals(1, 1, 1, 1), reals(0, 0, 0, 0), Tensor(I32, (5,), bytes(20))),
        nodes=(
            Step("affine", "boxes", (0,), (("scale", 0), ("bias", 1))),
            Step("take_channels", "scores", (1,), (("channels", 2),)),
        ),
        outputs=(1, 2),
        input_shape=(1, 1, 4),
        mean=(),
        version=3,
        behind=NO_PROBES + struct.pack("<BI", 1, size or len(fields)) + fields,
    )


def newer(op: str, **attributes: int) -> File:
    """The real image and one operator without constants, in version 3 without fingerprints."""
    return replace(alone(op, inputs=(1,), **attributes), version=3, behind=NO_PROBES + RAW)


def taking(*channels: int) -> File:
    """The real image and some of its channels, in version 3 without fingerprints."""
    step = Step("take_channels", "last", (1,), (("channels", 2),))
    listed = Tensor(I32, (len(channels),), struct.pack(f"<{len(channels)}i", *channels))
    return replace(newer("relu"), tensors=(*GOOD.tensors[:2], listed), nodes=(GOOD.nodes[0], step))


def padded(value: float) -> File:
    """The real image with a border of a constant, in version 3 without fingerprints."""
    step = Step("pad", "last", (1,), (("value", 2),), (("pad_left", 1),))
    tensors = (*GOOD.tensors[:2], reals(value))
    return replace(newer("relu"), tensors=tensors, nodes=(GOOD.nodes[0], step))


def nodes_in_a_row(count: int) -> File:
    steps = [Step("relu", f"r{i}", (1 + i,)) for i in range(count)]
    return replace(
        GOOD, tensors=GOOD.tensors[:2], nodes=(GOOD.nodes[0], *steps), outputs=(1,), labels=()
    )


def cut(count: int, file: File = GOOD) -> bytes:
    return file.encoded()[:count]


def sealed(contents: bytes) -> bytes:
    """Return the contents with size and checksum made right."""
    rest = struct.pack("<QI", len(contents), zlib.crc32(contents[32:]))
    return contents[:16] + rest + contents[28:]


NO_PROBES = bytes(4)
RAW = struct.pack("<BI", 4, 0)
FLOATS: dict[str, object] = {"input_type": 1, "mean": (), "scale": ()}
BYTES = ("more", 0, (1, 1, 3))
HEADER_END = 32 + len(PIXELS.header())
TALL = Tensor(BIT, (2, 4097, 1, 3), bytes(2 * 1537))
CASES: dict[str, list[File | bytes]] = {
    "container.size": [cut(31), cut(1)],
    "container.magic": [replace(GOOD, magic=b"\x89EBN\n\x1a\n\0")],
    "container.version": [replace(GOOD, version=version) for version in (0, 999)],
    "container.header_size": [
        replace(GOOD, header_size=size) for size in (2**24 + 1, 2**32 - 1, 2**20)
    ],
    "container.file_size": [cut(200), replace(GOOD, file_size=2**63)],
    "container.checksum": [replace(GOOD, checksum=0)],
    "container.zero": [replace(GOOD, zero=1)],
    "header.short": [replace(GOOD, header_size=size) for size in (0, 1, 20, 50)],
    "header.count": [
        replace(GOOD, tensor_count=2**32 - 1),
        replace(GOOD, node_count=2**16),
        replace(GOOD, tensor_count=20),
    ],
    "header.utf8": [replace(GOOD, name=b"\xff"), replace(GOOD, labels=(b"\xed\xa0\x80",))],
    "header.end": [replace(GOOD, behind=b"\0"), replace(GOOD, version=2, behind=bytes(5))],
    "preprocessing.colour": [replace(GOOD, colour=3)],
    "preprocessing.filter": [replace(GOOD, filter=4)],
    "preprocessing.zero": [
        *(replace(GOOD, zero_after_filter=bad) for bad in (1, 256)),
        one_pixel(zero_after_filter=256),
    ],
    "preprocessing.fit": [one_pixel(zero_after_filter=bad) for bad in (2, 255)],
    "preprocessing.resize": [
        replace(GOOD, resize=2**24 + 1),
        one_pixel(zero_after_filter=1, resize=1),
    ],
    "preprocessing.channels": [
        *(replace(GOOD, mean=(0.0,) * count, scale=(1.0,) * count) for count in (0, 1, 4)),
        one_pixel(mean=(0.0,), scale=(1.0,)),
        *(one_pixel(input_type=dtype) for dtype in (1, 2)),
    ],
    "preprocessing.numbers": [
        replace(GOOD, mean=(0.0, math.nan, 0.0)),
        replace(GOOD, mean=(math.inf, 0.0, 0.0)),
        *(replace(GOOD, scale=(1.0, 1.0, bad)) for bad in (0.0, -1.0, math.nan, math.inf)),
    ],
    "labels.count": [
        replace(GOOD, labels=(b"",) * 3),
        replace(GOOD, labels=(b"",) * (2**18 + 1)),
    ],
    "tensor.type": [tensor(0, dtype=5)],
    "tensor.rank": [tensor(0, dims=()), tensor(0, dims=(3, 1, 1, 1, 1))],
    "tensor.zero": [tensor(0, zero=1)],
    "tensor.dimension": [tensor(0, dims=(0,)), tensor(0, dims=(2**24 + 1,))],
    "tensor.elements": [tensor(0, dims=(2**16, 2**15)), tensor(0, dims=(2**24,) * 4)],
    "tensor.bytes": [sealed(GOOD.encoded()[:-1]), tensor(6, dims=(2**24,))],
    "tensor.padding": [replace(GOOD, gap=b"\1"), sealed(cut(HEADER_END + 1, PIXELS))],
    "tensor.bits": [tensor(4, stored=b"\x00\x1f\xff\x03")],
    "tensor.owner": [
        node(SHOWN, constants=(("step", 7),)),
        node(SHOWN, constants=(("step", 0),)),
        replace(GOOD, tensors=(*GOOD.tensors, reals(1))),
    ],
    "tensor.end": [replace(GOOD, end=b"\0")],
    "input.count": [
        *(replace(GOOD, input_count=count) for count in (0, 2)),
        one_pixel(input_count=0),
        one_pixel(more_inputs=tuple((f"x{i}", 0, (1, 1, 3)) for i in range(16))),
    ],
    "input.type": [
        one_pixel(input_type=3),
        one_pixel(more_inputs=(("more", 255, (1, 1, 3)),)),
    ],
    "input.dimension": [
        replace(GOOD, input_shape=(0, 5, 3)),
        replace(PIXELS, input_shape=(2**24 + 1, 1, 3)),
    ],
    "input.elements": [
        replace(GOOD, input_shape=(2**14, 2**14, 3)),
        one_pixel(more_inputs=(("more", 1, (2**14, 2**14, 1)),)),
    ],
    "node.count": [nodes_in_a_row(2**14)],
    "node.name": [
        node(SHOWN, name="codes"),
        node(SHOWN, name="picture"),
        one_pixel(more_inputs=(("picture", *BYTES[1:]),)),
    ],
    "node.op": [node(SHOWN, op="Dequantize"), node(SHOWN, op="")],
    "node.inputs": [node(SHOWN, inputs=()), node(AFFINE, inputs=(0, 0)), alone("concat")],
    "node.value": [node(AFFINE, inputs=(1,)), node(SHOWN, inputs=(4,)), node(0, inputs=(2**31,))],
    "node.type": [
        node(SHOWN, inputs=(1,)),
        node(QUANTIZE, inputs=(0,)),
        alone("relu", inputs=(0,)),
    ],
    "node.shape": [
        joined("add"),
        joined("concat"),
        linear_of_a_map(),
        newer("pad", pad_top=4, mode=1),
        newer("pad", pad_right=6, mode=3),
        newer("reshape", out_h=4, out_w=5, out_c=4),
        newer("depth_to_space", block=2),
        newer("space_to_depth", block=2),
    ],
    "node.constant": [
        node(SHOWN, constants=(("scale", 6),)),
        node(QUANTIZE, constants=(("sign", 2), ("sign", 3))),
        node(SHOWN, constants=tuple((f"r{i}", 6) for i in range(17))),
    ],
    "node.attribute": [
        attributes(CONV, ("kernel_h", 2)),
        attributes(CONV, ("stride_h", 1), ("stride_h", 1)),
        attributes(CONV, *((f"k{i}", 1) for i in range(17))),
        alone("max_pool", kernel_h=2),
    ],
    "node.output": [
        alone("adaptive_avg_pool", out_h=2**14, out_w=2**14),
        newer("resize_nearest", out_h=2**14, out_w=2**14),
        newer("resize_bilinear", out_h=2**24, out_w=2**24),
    ],
    "constant.type": [tensor(6, dtype=I32), tensor(3, dtype=BIT, stored=b"\1\1\1")],
    "constant.shape": [tensor(6, dims=(1, 1)), tensor(2, dims=(9,)), tensor(5, dims=(3, 2))],
    "constant.row": [linear(2**16 + 1)],
    "constant.finite": [
        *(tensor(0, stored=reals(1, bad, 1).stored) for bad in (math.nan, math.inf, -math.inf)),
        tensor(6, stored=reals(math.nan).stored),
        tensor(1, PIXELS, stored=reals(math.inf, 1).stored),
        padded(math.nan),
    ],
    "constant.thresholds": [
        tensor(5, stored=rows(I16, [[-1, 0, 1], [1, 0, 2]]).stored),
        tensor(2, stored=rows(F32, [[0, 1, 2]] * 2 + [[0, math.nan, 2]]).stored),
    ],
    "constant.range": [clamp(1, 0.5)],
    "constant.sign": [tensor(3, stored=b"\x01\x00\x01"), tensor(3, stored=b"\x01\x02\x01")],
    "constant.zero": [
        tensor(2, PIXELS, stored=rows(I32, [[0, bad, 0]]).stored) for bad in (-1, 2**24 + 1)
    ],
    "constant.channels": [taking(0, 3), taking(-1)],
    "attribute.range": [
        newer("slice", h_begin=4),
        newer("slice", w_begin=2, w_end=2),
        newer("slice", c_end=4),
        newer("slice", c_step=0),
        newer("pad", mode=4),
        newer("pad", pad_left=4097),
        newer("transpose", axis_0=0, axis_1=1, axis_2=1),
        newer("depth_to_space", block=0),
        newer("resize_nearest", out_h=1, out_w=1, exact=2),
        newer("resize_bilinear", out_h=1, out_w=1, align_corners=2),
        *(attributes(CONV, ("stride_h", bad)) for bad in (0, -1, 4097, -(2**31), 2**31 - 1)),
        *(attributes(CONV, ("groups", bad)) for bad in (0, -1, 2**31 - 1)),
        alone("max_pool", kernel_h=0, kernel_w=1),
        alone("avg_pool", kernel_h=1, kernel_w=1, include_pad=2),
        alone("adaptive_avg_pool", out_h=0, out_w=1),
    ],
    "conv.channels": [
        attributes(CONV, ("groups", 3)),
        node(CONV, inputs=(2,), attributes=(("groups", 2),)),
    ],
    "conv.groups": [tensor(4, attributes(CONV, ("groups", 3)), dims=(2, 1, 1, 1), stored=b"\0\0")],
    "window.kernel": [replace(GOOD, tensors=(*GOOD.tensors[:4], TALL, *GOOD.tensors[5:]))],
    "window.size": [attributes(CONV, ("dilation_h", 4)), alone("max_pool", kernel_h=5, kernel_w=1)],
    "window.padding": [alone("max_pool", kernel_h=2, kernel_w=2, pad_top=2)],
    "output.count": [replace(GOOD, outputs=(), labels=())],
    "output.value": [
        replace(GOOD, outputs=(5,)),
        replace(GOOD, outputs=(4, 4)),
        one_pixel(outputs=(0,), nodes=(Step("relu", "r", (0,)),), tensors=(), **FLOATS),
    ],
    "output.type": [replace(GOOD, outputs=(3,)), replace(GOOD, outputs=(0,), labels=())],
    "self_test.count": [replace(GOOD, version=2, behind=struct.pack("<I", 17) + bytes(17 * 24))],
    "task.kind": [one_pixel(behind=NO_PROBES + struct.pack("<BI", kind, 0)) for kind in (5, 255)],
    "task.size": [
        one_pixel(behind=NO_PROBES + struct.pack("<BI", 4, 8) + bytes(8)),
        one_pixel(behind=NO_PROBES + struct.pack("<BI", 0, 4) + bytes(4)),
        one_pixel(behind=NO_PROBES + struct.pack("<BI", 1, 2**32 - 1)),
        detecting(size=24),
        detecting(size=48),
        detecting(size=37),
        detecting(size=132),
    ],
    "task.numbers": [
        *(classes(bad, 0) for bad in (0.0, -1.0, math.nan, math.inf)),
        *(classes(1, bad) for bad in (-0.1, 1.1, math.nan, math.inf)),
        *(detecting(threshold=bad) for bad in (-0.1, 1.1, math.nan)),
        *(detecting(overlap=bad) for bad in (-0.1, 1.1, math.nan)),
    ],
    "task.output": [
        embedded_map(),
        detecting(levels=[(1, 2, 1)]),  # no such output
        detecting(levels=[(1, 1, 1)]),  # boxes of five channels
        detecting(levels=[(1, 0, 2**32 - 1)]),
        detecting(levels=[(1, 0, 1), (1, 0, 0)]),  # other classes
    ],
    "task.levels": [detecting(levels=[], size=36), detecting(levels=[(1, 0, 1)] * 9, size=120)],
    "task.range": [
        *(detecting(levels=[(stride, 0, 1)]) for stride in (0, 4097, 2**32 - 1)),
        *(detecting(candidates=number) for number in (0, 4097)),
        *(detecting(boxes=number) for number in (0, 1001)),
        detecting(form=2),
        detecting(class_aware=2),
        detecting(zero=1),
    ],
    "arena.limit": [wide_codes()],
    "weights.limit": [small_groups(2**18)],
}


def refusal(contents: bytes, path: Path) -> ModelFileError:
    path.write_bytes(contents)
    with pytest.raises(ModelFileError) as caught:
        _core.Model(str(path))
    return caught.value


RIGHT = (
    GOOD,
    PIXELS,
    linear(4),
    small_groups(8),
    one_pixel(),
    one_pixel(mean=(), scale=()),
    one_pixel(zero_after_filter=1 + 256 * 255),
    one_pixel(more_inputs=tuple((f"x{i}", i % 3, (1, 1, 3)) for i in range(15)), outputs=(16,)),
    one_pixel(nodes=(Step("relu", "r", (0,)),), tensors=(), **FLOATS),
    one_pixel(input_type=2, mean=(), scale=()),
    classes(0.5, 1),
    taking(2, 0),
    padded(-math.inf),
    newer("slice"),
)


@pytest.mark.parametrize("file", RIGHT, ids=range(len(RIGHT)))
def test_what_the_cases_change_is_right_before(file: File, tmp_path: Path) -> None:
    (tmp_path / "good.ebn").write_bytes(file.encoded())
    _core.Model(str(tmp_path / "good.ebn"))


@pytest.mark.parametrize(
    ("code", "file"), [(code, file) for code, files in CASES.items() for file in files]
)
def test_a_broken_rule_is_named(code: str, file: File | bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.ebn"
    error = refusal(file if isinstance(file, bytes) else file.encoded(), path)
    assert error.code == code, error
    assert str(error).startswith(f"{path}: ")
    assert str(error).endswith(f" [{code}]")
    assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize("name", ["missing.ebn", ".", "empty.ebn", "a\0b.ebn", "pipe"])
def test_no_file_is_a_broken_rule_too(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty.ebn").touch()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelFileError) as caught:
        _core.Model(str(tmp_path / name))
    assert caught.value.code == "file.read"


def test_a_lower_limit_of_the_arena_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "good.ebn"
    path.write_bytes(GOOD.encoded())
    needed = _core.Model(str(path)).info.arena_bytes
    assert _core.Model(str(path), max_arena_bytes=needed).info.arena_bytes == needed
    with pytest.raises(ModelFileError) as caught:
        _core.Model(str(path), max_arena_bytes=needed - 1)
    assert caught.value.code == "arena.limit"
    with pytest.raises(OptionError, match="expected 1 to 2147483648, found 2147483649"):
        _core.Model(str(path), max_arena_bytes=2**31 + 1)


def test_the_format_lists_the_codes_that_the_core_has_and_the_cases_provoke() -> None:
    listed = re.findall(r"^\| `([a-z_]+\.[a-z_0-9]+)` \|", FORMAT, re.MULTILINE)
    assert listed == _core.codes()
    assert len(listed) == len(set(listed))
    assert {"file.read", *(code for code, files in CASES.items() if files)} == set(listed)


def test_codes_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(ModelFileError("a line", "node.op")))
    assert (str(error), error.code) == ("a line [node.op]", "node.op")
