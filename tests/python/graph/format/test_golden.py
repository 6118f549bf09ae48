"""The writer's bytes, field by field, by a small reader written from FORMAT.md alone."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace

import numpy as np
import pytest

from edgebin.errors import ModelFileError
from edgebin.graph.format import encode
from edgebin.graph.ir import Graph, Network, Node, SelfTestCase
from edgebin.graph.preprocessing import Preprocessing
from graphs.sketch import Sketch, network

BITS = np.array(
    [
        [[[1, 0, 1]], [[0, 0, 1]], [[1, 1, 1]]],
        [[[0, 0, 0]], [[0, 0, 0]], [[0, 0, 1]]],
    ],
    np.bool_,
)
"""[2, 3, 1, 3]: rows of 9 bits, 101 001 111 and 000 000 001 from the least significant one on."""

NODES = (
    Node(
        "quantize",
        "codes",
        ("first",),
        {
            "thresholds": np.array([[0, 0.5, 1]] * 3, np.float32),
            "sign": np.array([1, -1, 1], np.int8),
        },
    ),
    Node(
        "conv",
        "hidden",
        ("codes",),
        {"weights": BITS, "thresholds": np.array([[-2, 0, 5], [1, 1, 300]], np.int16)},
        {"pad_top": 1, "pad_bottom": 2, "dilation_h": 3, "groups": 1},
    ),
    Node("dequantize", "shown", ("hidden",), {"step": np.array([0.538], np.float32)}),
)
FIRST = Node(
    "affine",
    "first",
    ("pixels",),
    {"scale": np.array([1 / 255, 1, -2], np.float32), "bias": np.array([0, -0.5, 1], np.float32)},
)
NETWORK = Network(
    name="tiny é",
    graph=Graph.of_image("pixels", (4, 5, 3), (FIRST, *NODES), ("first", "shown")),
    preprocessing=Preprocessing((0.5, 0.25, 0.125), (1, 2, 4), 256, "bicubic", "bgr"),
    labels=("cat", "", "狗"),
    self_test=(
        SelfTestCase(7, (1, 2, 3, 4, 5)),
        SelfTestCase(2**32 - 1, (0, 0, 0, 0, 6)),
    ),
)


@dataclass
class Bytes:
    """Takes fields off the front."""

    left: bytes

    def take(self, layout: str) -> tuple[int, ...]:
        fields = struct.unpack_from("<" + layout, self.left)
        self.left = self.left[struct.calcsize("<" + layout) :]
        return fields

    def one(self, layout: str) -> int:
        return self.take(layout)[0]

    def text(self) -> str:
        size = self.one("H")
        found, self.left = self.left[:size], self.left[size:]
        return found.decode()


def test_container() -> None:
    contents = encode(NETWORK, producer="golden")
    magic, version, header, size, crc, zero = struct.unpack_from("<8sIIQII", contents)
    assert magic == bytes.fromhex("89 45 42 4E 0D 0A 1A 0A")
    assert (version, size, crc, zero) == (2, len(contents), zlib.crc32(contents[32:]), 0)
    first_tensor = -(-(32 + header) // 64) * 64
    assert contents[32 + header : first_tensor] == bytes(first_tensor - 32 - header)


def test_header() -> None:
    contents = encode(NETWORK, producer="golden")
    (size,) = struct.unpack_from("<I", contents, 12)
    header = Bytes(contents[32 : 32 + size])
    assert (header.text(), header.text()) == ("tiny é", "golden")
    assert header.take("BBHI") == (1, 2, 0, 256)
    assert header.take("H3f3f") == (3, 0.5, 0.25, 0.125, 1, 2, 4)
    assert [header.text() for _ in range(header.one("I"))] == ["cat", "", "狗"]
    tensors = []
    for _ in range(header.one("I")):
        dtype, rank, zero = header.take("BBH")
        tensors.append((dtype, zero, header.take(f"{rank}I")))
    assert tensors == [
        (4, 0, (3,)),
        (4, 0, (3,)),
        (1, 0, (3,)),
        (4, 0, (3, 3)),
        (2, 0, (2, 3)),
        (0, 0, (2, 3, 1, 3)),
        (4, 0, (1,)),
    ]
    assert (header.one("I"), header.text(), header.take("3I")) == (1, "pixels", (4, 5, 3))
    assert [read_node(header) for _ in range(header.one("I"))] == [
        ("affine", "first", [0], {"bias": 0, "scale": 1}, {}),
        ("quantize", "codes", [1], {"sign": 2, "thresholds": 3}, {}),
        (
            "conv",
            "hidden",
            [2],
            {"thresholds": 4, "weights": 5},
            {"dilation_h": 3, "groups": 1, "pad_bottom": 2, "pad_top": 1},
        ),
        ("dequantize", "shown", [3], {"step": 6}, {}),
    ]
    outputs = [(header.text(), header.one("I")) for _ in range(header.one("I"))]
    assert outputs == [("first", 1), ("shown", 4)]
    assert header.one("I") == 2
    assert header.take("12I") == (7, 1, 2, 3, 4, 5, 2**32 - 1, 0, 0, 0, 0, 6)
    assert header.left == b""


def read_node(header: Bytes) -> tuple[str, str, list[int], dict[str, int], dict[str, int]]:
    op, name = header.text(), header.text()
    inputs = [header.one("I") for _ in range(header.one("B"))]
    constants = {header.text(): header.one("I") for _ in range(header.one("B"))}
    attributes = {header.text(): header.one("i") for _ in range(header.one("B"))}
    return op, name, inputs, constants, attributes


def test_tensors() -> None:
    contents = encode(NETWORK, producer="golden")
    (size,) = struct.unpack_from("<I", contents, 12)
    offset = -(-(32 + size) // 64) * 64
    expected = [
        struct.pack("<3f", 0, -0.5, 1),
        struct.pack("<3f", np.float32(1 / 255), 1, -2),
        struct.pack("<3b", 1, -1, 1),
        struct.pack("<9f", *(0, 0.5, 1) * 3),
        struct.pack("<6h", -2, 0, 5, 1, 1, 300),
        bytes([0b11100101, 0b1, 0b00000000, 0b1]),
        struct.pack("<f", 0.538),
    ]
    for number, stored in enumerate(expected):
        assert contents[offset : offset + len(stored)] == stored, number
        end = offset + len(stored)
        offset = -(-end // 64) * 64
        if number + 1 < len(expected):
            assert contents[end:offset] == bytes(offset - end)
    assert end == len(contents)


def test_same_network_same_bytes() -> None:
    """Whatever order its mappings have."""
    turned = tuple(
        replace(
            node,
            constants=dict(reversed([*node.constants.items()])),
            attributes=dict(reversed([*node.attributes.items()])),
        )
        for node in NETWORK.graph.nodes
    )
    other = replace(NETWORK, graph=NETWORK.graph.with_nodes(turned))
    assert encode(other) == encode(NETWORK)


def test_producer_is_edgebin_by_default() -> None:
    contents = encode(NETWORK)
    header = Bytes(contents[32:])
    header.text()
    assert header.text().split(" ")[0] == "edgebin"


def test_noncontiguous_constants_are_stored_in_order() -> None:
    conv = NODES[1]
    turned = np.asfortranarray(conv.constants["weights"])
    assert not turned.flags.c_contiguous
    other = replace(conv, constants={**conv.constants, "weights": turned})
    nodes = (FIRST, NODES[0], other, NODES[2])
    assert encode(replace(NETWORK, graph=NETWORK.graph.with_nodes(nodes))) == encode(NETWORK)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "x" * 65_536}, "bytes of a string are at most 65535, found 65536"),
        ({"labels": ("\ud800",)}, "valid Unicode"),
        ({"self_test": NETWORK.self_test * 9}, r"are at most 16, found 18 \[self_test.count\]"),
        ({"self_test": (SelfTestCase(0, (1, 2)),)}, "a hash for each of 5 values, found 2"),
        ({"self_test": (SelfTestCase(2**32, (0,) * 5),)}, "seeds and hashes are 0 to 2"),
        ({"self_test": (SelfTestCase(0, (0, 0, 0, 0, -1)),)}, "seeds and hashes are 0 to 2"),
    ],
)
def test_header_limits(change: dict[str, object], message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        encode(replace(NETWORK, **change))  # type: ignore[arg-type]


def test_a_header_is_at_most_16_mib() -> None:
    sketch = Sketch((1, 1, 280))
    large = network(sketch.graph(sketch.reals(np.random.default_rng(0))))
    with pytest.raises(ModelFileError, match="header is at most 16777216 bytes"):
        encode(replace(large, labels=("x" * 60_000,) * 280))
