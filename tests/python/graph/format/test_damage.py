"""Damaged files are refused in one line that names the file; none is run, none crashes."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgebin import _core
from edgebin.errors import ModelFileError
from edgebin.graph.format import encode, read
from graphs.sketch import Sketch, ascending, network, pixels

MAX_ARENA = 2**26


def tiny() -> bytes:
    rng = np.random.default_rng(2)
    sketch = Sketch((3, 4, 2))
    constants = {
        "weights": rng.integers(0, 2, (3, 2, 2, 2)) > 0,
        "thresholds": ascending(rng, 3, 3, "i16"),
    }
    x = sketch.add("conv", sketch.codes(), constants=constants, pad_top=1)
    x = sketch.add("max_pool", x, kernel_h=2, kernel_w=2)
    return encode(network(sketch.graph(x)), producer="")


TINY = tiny()
HEADER = struct.unpack_from("<I", TINY, 12)[0]


def refused(contents: bytes, path: Path) -> bool:
    """Return whether the file is refused; where it is not, run it."""
    path.write_bytes(contents)
    try:
        model = _core.Model(str(path), max_arena_bytes=MAX_ARENA)
    except ModelFileError as error:
        assert str(error).startswith(f"{path}: ")
        assert "\n" not in str(error)
        return True
    model.run(pixels(np.random.default_rng(0), 1, model.info.inputs[0].shape))
    return False


def sealed(contents: bytes) -> bytes:
    """Return the contents with size and checksum made right, so that what follows is looked at."""
    rest = struct.pack("<QI", len(contents), zlib.crc32(contents[32:]))
    return contents[:16] + rest + contents[28:]


def test_undamaged_is_accepted(tmp_path: Path) -> None:
    assert not refused(TINY, tmp_path / "tiny.ebn")
    assert sealed(TINY) == TINY


def test_truncated_at_every_length(tmp_path: Path) -> None:
    for length in range(len(TINY)):
        assert refused(TINY[:length], tmp_path / "short.ebn"), length


def test_truncated_with_the_right_checksum(tmp_path: Path) -> None:
    for length in range(32, len(TINY)):
        assert refused(sealed(TINY[:length]), tmp_path / "short.ebn"), length


def test_longer_than_it_says(tmp_path: Path) -> None:
    assert refused(TINY + b"\0", tmp_path / "long.ebn")
    assert refused(sealed(TINY + b"\0"), tmp_path / "long.ebn")
    assert refused(sealed(TINY + bytes(64)), tmp_path / "long.ebn")


@pytest.mark.slow
def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    for offset in range(len(TINY)):
        for mask in (1 << offset % 8, 0xFF):
            damaged = bytearray(TINY)
            damaged[offset] ^= mask
            assert refused(bytes(damaged), tmp_path / "flipped.ebn"), offset


@pytest.mark.parametrize(
    "mask",
    [pytest.param(0x01, marks=pytest.mark.slow), pytest.param(0x80, marks=pytest.mark.slow), 0xFF],
)
def test_flips_behind_a_right_checksum(tmp_path: Path, mask: int) -> None:
    """Some make another network, which must run; padding and zero fields must stay zero."""
    verdicts = []
    for offset in range(32, len(TINY)):
        damaged = bytearray(TINY)
        damaged[offset] ^= mask
        verdicts.append(refused(sealed(bytes(damaged)), tmp_path / "flipped.ebn"))
    assert True in verdicts
    assert False in verdicts
    gap = range(HEADER, -(-(32 + HEADER) // 64) * 64 - 32)
    assert len(gap) > 0
    assert all(verdicts[offset] for offset in gap)


@given(
    patches=st.lists(
        st.tuples(
            st.integers(32, 32 + HEADER - 4),
            st.sampled_from((b"\0", b"\xff", b"\xff\xff", b"\0\0\0\x80", b"\xff\xff\xff\xff")),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_wild_numbers_in_the_header(
    tmp_path_factory: pytest.TempPathFactory, patches: list[tuple[int, bytes]]
) -> None:
    damaged = bytearray(TINY)
    for offset, patch in patches:
        damaged[offset : offset + len(patch)] = patch
    refused(sealed(bytes(damaged)), tmp_path_factory.getbasetemp() / "wild.ebn")


def test_read_refuses_too(tmp_path: Path) -> None:
    path = tmp_path / "half.ebn"
    path.write_bytes(TINY[: len(TINY) // 2])
    with pytest.raises(ModelFileError, match=r"half\.ebn"):
        read(path)


@pytest.mark.parametrize("contents", [b"", b"PK\x03\x04", bytes(32), b"\x89EBN\r\n\x1a\n"])
def test_no_model_at_all(tmp_path: Path, contents: bytes) -> None:
    assert refused(contents, tmp_path / "other.ebn")
