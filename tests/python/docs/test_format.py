"""FORMAT.md: its table of contents, and the small file that it shows byte by byte."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from edgebin import Model
from edgebin.graph.fingerprint import make
from edgebin.graph.format import encode
from edgebin.graph.ir import Graph, Network, Node
from edgebin.graph.preprocessing import Preprocessing

FORMAT = Path(__file__).parents[3] / "FORMAT.md"
ROW_BYTES = 12


def shown_network() -> Network:
    """Tell dark from bright: two grey pixels, one code each, one row of two bits per class."""
    nodes = (
        Node(
            "affine",
            "scaled",
            ("pixels",),
            {"scale": np.array([1 / 255], np.float32), "bias": np.array([0], np.float32)},
        ),
        Node(
            "quantize",
            "codes",
            ("scaled",),
            {"thresholds": np.array([[0.25, 0.5, 0.75]], np.float32)},
        ),
        Node("flatten", "row", ("codes",)),
        Node(
            "linear",
            "logits",
            ("row",),
            {
                "weights": np.array([[False, False], [True, True]]),
                "scale": np.array([0.5, 0.5], np.float32),
                "bias": np.array([1.5, -1.5], np.float32),
            },
        ),
    )
    graph = Graph.of_image("pixels", (1, 2, 1), nodes, ("logits",))
    preprocessing = Preprocessing((0.5,), (0.25,), 0, "bilinear", "grey")
    network = Network("tiny", graph, preprocessing, ("dark", "bright"))
    return replace(network, self_test=make(graph, (1,)))


@dataclass
class Dump:
    """Reads a file front to back and notes what each field is, with its place and bytes."""

    contents: bytes
    at: int = 0
    lines: list[str] = field(default_factory=list)

    def take(self, size: int, meaning: str) -> bytes:
        """Note the next `size` bytes, in rows; only the first row tells the meaning."""
        found = self.contents[self.at : self.at + size]
        assert len(found) == size, f"{meaning}: expected {size} bytes, found {len(found)}"
        for start in range(0, size, ROW_BYTES):
            row = found[start : start + ROW_BYTES].hex(" ")
            text = "" if start else meaning
            self.lines.append(f"{self.at + start:04x}  {row:{3 * ROW_BYTES}} {text}".rstrip())
        self.at += size
        return found

    def number(self, layout: str, meaning: str) -> int:
        size = struct.calcsize("<" + layout)
        (value,) = struct.unpack_from("<" + layout, self.contents, self.at)
        self.take(size, f"{meaning}: {value}")
        return int(value)

    def text(self, meaning: str) -> str:
        (size,) = struct.unpack_from("<H", self.contents, self.at)
        found = self.contents[self.at + 2 : self.at + 2 + size].decode()
        self.take(2 + size, f"{meaning}: {found!r}")
        return found

    def zeros(self, meaning: str) -> None:
        """Note the zeros up to the next multiple of 64, without showing them."""
        size = -self.at % 64
        if size:
            assert self.contents[self.at : self.at + size] == bytes(size)
            self.lines.append(f"{self.at:04x}  {'00 ...':{3 * ROW_BYTES}} {meaning}")
            self.at += size

    def several(self, what: str) -> Iterator[int]:
        yield from range(self.number("I", f"number of {what}"))


def annotated(contents: bytes) -> str:
    """Return the lines that FORMAT.md shows, read by what FORMAT.md says."""
    dump = Dump(contents)
    dump.take(8, "magic")
    dump.number("I", "version")
    dump.number("I", "header size")
    dump.number("Q", "file size")
    dump.take(4, "CRC-32")
    dump.number("I", "zero")
    dump.text("network name")
    dump.text("producer")
    for layout, meaning in (("B", "colour"), ("B", "filter"), ("H", "zero"), ("I", "resize")):
        dump.number(layout, meaning)
    channels = dump.number("H", "channels")
    for meaning in ["mean"] * channels + ["scale"] * channels:
        real(dump, meaning)
    for _ in dump.several("labels"):
        dump.text("label")
    sizes = [tensor_entry(dump, number) for number in dump.several("tensors")]
    for _ in dump.several("inputs"):
        dump.text("input")
        dump.take(12, f"height, width, channels: {three(dump)}")
    for value in dump.several("nodes"):
        node(dump, value + 1)
    for _ in dump.several("outputs"):
        dump.text("output")
        dump.number("I", "value")
    for _ in dump.several("fingerprints"):
        dump.number("I", "seed")
        dump.take(4 * 5, "hashes of values 0 to 4")
    for number, size in enumerate(sizes):
        dump.zeros("zeros up to a multiple of 64")
        dump.take(size, f"tensor {number}")
    assert dump.at == len(contents)
    return "\n".join(dump.lines)


def real(dump: Dump, meaning: str) -> None:
    (value,) = struct.unpack_from("<f", dump.contents, dump.at)
    dump.take(4, f"{meaning}: {value:g}")


def three(dump: Dump) -> str:
    return ", ".join(map(str, struct.unpack_from("<3I", dump.contents, dump.at)))


def tensor_entry(dump: Dump, number: int) -> int:
    """Note an entry of the table; return the tensor's size in bytes."""
    dtype, rank = dump.contents[dump.at : dump.at + 2]
    dims = struct.unpack_from(f"<{rank}I", dump.contents, dump.at + 4)
    name = ("bit", "s8", "i16", "i32", "f32")[dtype]
    dump.take(4 + 4 * rank, f"tensor {number}: {name}, rank {rank}, {list(dims)}")
    if dtype == 0:
        return int(dims[0]) * ((int(np.prod(dims[1:])) + 7) // 8)
    return int(np.prod(dims)) * (1, 2, 4, 4)[dtype - 1]


def node(dump: Dump, value: int) -> None:
    dump.text("operator")
    dump.text(f"name of value {value}")
    for _ in range(dump.number("B", "number of inputs")):
        dump.number("I", "input, a value")
    for _ in range(dump.number("B", "number of constants")):
        dump.text("role")
        dump.number("I", "tensor")
    assert dump.number("B", "number of attributes") == 0


def section(heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", FORMAT.read_text(), re.M | re.S)
    assert found, heading
    return found[1]


def test_the_file_shown_is_what_the_writer_writes() -> None:
    expected = annotated(encode(shown_network(), producer="edgebin"))
    found = re.search(r"```text\n(.*?)\n```", section("A small file"), re.S)
    assert found
    assert found[1] == expected, f"expected in FORMAT.md:\n{expected}"


def test_the_file_shown_runs(tmp_path: Path) -> None:
    path = tmp_path / "tiny.ebn"
    path.write_bytes(encode(shown_network(), producer="edgebin"))
    model = Model(path)
    pixels = np.array([[[[10], [20]]], [[[250], [250]]]], np.uint8)
    assert model.labels == ("dark", "bright")
    assert model.run(pixels).reshape(2, 2).tolist() == [[1.5, -1.5], [-1.5, 1.5]]


def test_contents_lists_every_section() -> None:
    """In order; that the links lead somewhere is tested with those of all documents."""
    headings = re.findall(r"^(##|###) (.+)$", FORMAT.read_text(), re.M)
    listed = re.findall(r"^( *)- \[(.+)\]\(#", section("Contents"), re.M)
    assert [("###" if indent else "##", title) for indent, title in listed] == [
        heading for heading in headings if heading[1] != "Contents"
    ]
