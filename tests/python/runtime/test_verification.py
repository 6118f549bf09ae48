"""`edgebin.verify`: what it goes through, what it finds, what it refuses."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import edgebin
from edgebin.errors import ModelFileError, OptionError
from edgebin.graph.fingerprint import image, make
from edgebin.graph.format import encode, read
from edgebin.graph.ir import Network
from edgebin.runtime.verify import Check
from graphs.small_networks import binary_network, written


@pytest.fixture
def tested() -> Network:
    """A network with a fingerprint of one image."""
    network = binary_network()
    return replace(network, self_test=make(network.graph, (3,)))


def with_wrong_hash(network: Network, value: int) -> Network:
    (case,) = network.self_test
    hashes = list(case.hashes)
    hashes[value] ^= 0x80
    return replace(network, self_test=(replace(case, hashes=tuple(hashes)),))


def test_shipped_models_are_exact_here() -> None:
    found = edgebin.verify("cifar10-resnet20")
    assert found.exact
    assert found.difference is None
    assert (found.model, found.images) == ("cifar10-resnet20", 2)
    assert {check.isa for check in found.checks} == set(edgebin.isas())
    threads = {check.threads for check in found.checks}
    assert {1, 2} <= threads
    assert all(
        check.conv_algorithm == "bit_serial" for check in found.checks if check.isa == "scalar"
    )


def test_each_way_is_told_when_it_is_done(tested: Network, tmp_path: Path) -> None:
    seen: list[Check] = []
    path = written(tested, tmp_path)
    found = edgebin.verify(path, isa="scalar", threads=5, checked=seen.append)
    assert tuple(seen) == found.checks == (Check("scalar", "bit_serial", 5, None),)


def test_a_wrong_hash_is_named_where_its_value_is_in_memory(
    tested: Network, tmp_path: Path
) -> None:
    """The quantize behind the first layer is done on the way: the first layer is never stored."""
    names = ["image", *(node.name for node in tested.graph.nodes)]
    named = []
    for value, name in enumerate(names):
        path = written(with_wrong_hash(tested, value), tmp_path)
        difference = edgebin.verify(path, isa="scalar", threads=2).difference
        if difference is None:
            continue
        named.append(name)
        assert difference.value == name
        assert (difference.isa, difference.threads, difference.image) == ("scalar", 2, 0)
        assert difference.expected ^ difference.found == 0x80
        assert str(difference).count("\n") == 0
    assert named == [name for name in names if name != "first"]
    assert difference is not None
    assert (difference.layer, difference.ops, difference.kernel) == ("last", "linear", "bit_serial")


def test_the_first_of_several_is_named(tested: Network, tmp_path: Path) -> None:
    wrong = with_wrong_hash(with_wrong_hash(tested, 6), 2)
    found = edgebin.verify(written(wrong, tmp_path))
    assert not found.exact
    for check in found.checks:
        assert check.difference is not None
        assert (check.difference.layer, check.difference.value) == ("first", "codes")
        assert (check.difference.ops, check.difference.kernel) == ("conv + quantize", "u8s8")


def test_a_file_without_fingerprint_is_refused(tmp_path: Path) -> None:
    path = written(binary_network(), tmp_path)
    with pytest.raises(ModelFileError, match=r"binary\.ebn: expected a fingerprint"):
        edgebin.verify(path)


def as_version_1(network: Network) -> bytes:
    """Return what version 1 wrote: a header without the count of fingerprints, which ends it."""
    contents = encode(replace(network, self_test=()))
    prefix = struct.Struct("<8sIIQII")
    magic, _, header_size, _, _, zero = prefix.unpack_from(contents)
    header = contents[32 : 32 + header_size - 4]
    tensors = contents[-(-(32 + header_size) // 64) * 64 :]
    body = header + bytes(-(32 + len(header)) % 64) + tensors
    return prefix.pack(magic, 1, len(header), 32 + len(body), zlib.crc32(body), zero) + body


def test_a_file_of_version_1_still_runs(tested: Network, tmp_path: Path) -> None:
    path = tmp_path / "old.ebn"
    path.write_bytes(as_version_1(tested))
    assert read(path).self_test == ()
    pixels = image(1, tested.graph.input_shape)[None]
    expected = edgebin.load(written(tested, tmp_path)).run(pixels)
    np.testing.assert_array_equal(edgebin.load(path).run(pixels), expected)
    with pytest.raises(ModelFileError, match="expected a fingerprint"):
        edgebin.verify(path)


@pytest.mark.parametrize("threads", [0, -1, 257, True, 1.0])
def test_impossible_threads(threads: int) -> None:
    with pytest.raises(OptionError, match="threads: expected 1 to 256"):
        edgebin.verify("cifar10-resnet20", threads=threads)


def test_an_unknown_instruction_set() -> None:
    with pytest.raises(OptionError, match="m68k"):
        edgebin.verify("cifar10-resnet20", isa="m68k")


def test_the_environment_does_not_narrow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEBIN_ISA", "scalar")
    monkeypatch.setenv("EDGEBIN_CONV_ALGO", "bit_serial")
    found = edgebin.verify("cifar10-resnet20", threads=1)
    assert {check.isa for check in found.checks} == set(edgebin.isas())
