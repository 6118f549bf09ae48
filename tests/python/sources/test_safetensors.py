"""The reader of safetensors files: what it reads, and that damaged files end in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from edgebin.errors import CheckpointError
from edgebin.sources.safetensors import read_safetensors
from training.safetensors_files import encoded, saved

F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def test_it_reads_what_was_saved(tmp_path: Path) -> None:
    tensors = {
        "a.weight": torch.randn(3, 4, 2),
        "b": torch.randn(5).bfloat16(),
        "steps": torch.tensor([7]),
        "mask": torch.tensor([True, False, True]),
        "empty": torch.empty(0, 3),
    }
    (tmp_path / "m.safetensors").write_bytes(saved(tensors))
    found = read_safetensors(tmp_path / "m.safetensors")
    assert list(found) == list(tensors)
    assert all(torch.equal(found[name], value) for name, value in tensors.items())
    assert {name: value.dtype for name, value in found.items()} == {
        name: value.dtype for name, value in tensors.items()
    }


BAD: dict[str, bytes] = {
    "empty": b"",
    "short": b"\x08\0\0",
    "no table": encoded(b"[1, 2]"),
    "no json": encoded(b"{" * 10),
    "deep json": encoded(b'{"a":' * 100_000),
    "long integer": encoded(b'{"a": ' + b"9" * 10_000 + b"}"),
    "no utf-8": encoded(b'{"\xff": 1}'),
    "table too long": encoded({}, size=1 << 40),
    "table beyond the file": encoded({"w": F32}, b"\0" * 8, size=1000),
    "twice": encoded(b'{"w": %b, "w": %b}' % ((json.dumps(F32).encode(),) * 2), b"\0" * 8),
    "no row": encoded({"w": 3}),
    "missing key": encoded({"w": {"dtype": "F32", "shape": [2]}}),
    "another key": encoded({"w": {**F32, "x": 1}}, b"\0" * 8),
    "type": encoded({"w": {**F32, "dtype": "F8_E4M3"}}, b"\0" * 8),
    "type of type": encoded({"w": {**F32, "dtype": ["F32"]}}, b"\0" * 8),
    "negative size": encoded({"w": {**F32, "shape": [-2]}}, b"\0" * 8),
    "boolean size": encoded({"w": {**F32, "shape": [True, 2]}}, b"\0" * 8),
    "real size": encoded({"w": {**F32, "shape": [2.0]}}, b"\0" * 8),
    "huge shape": encoded({"w": {**F32, "shape": [2**47, 2**47]}}, b"\0" * 8),
    "many dimensions": encoded({"w": {**F32, "shape": [1] * 40 + [2]}}, b"\0" * 8),
    "bytes of another shape": encoded({"w": {**F32, "shape": [3]}}, b"\0" * 8),
    "backwards": encoded({"w": {**F32, "data_offsets": [8, 0]}}, b"\0" * 8),
    "three offsets": encoded({"w": {**F32, "data_offsets": [0, 4, 8]}}, b"\0" * 8),
    "gap": encoded({"w": {**F32, "data_offsets": [4, 12]}}, b"\0" * 12),
    "overlap": encoded({"w": F32, "v": {**F32, "data_offsets": [4, 12]}}, b"\0" * 12),
    "beyond the end": encoded({"w": {**F32, "shape": [4], "data_offsets": [0, 16]}}, b"\0" * 8),
    "more behind": encoded({"w": F32}, b"\0" * 9),
}


@pytest.mark.parametrize("name", BAD)
def test_damaged_files_end_in_one_short_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(BAD[name])
    with pytest.raises(CheckpointError, match="damaged safetensors file: ") as caught:
        read_safetensors(tmp_path / "m.safetensors")
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_every_cut_and_every_changed_byte_is_read_or_refused(tmp_path: Path) -> None:
    sound = saved({"w": torch.randn(2, 3), "b": torch.randn(3)})
    path = tmp_path / "m.safetensors"
    for length in range(len(sound)):
        path.write_bytes(sound[:length])
        with pytest.raises(CheckpointError):
            read_safetensors(path)
    for at in range(len(sound)):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x15]) + sound[at + 1 :])
        try:
            found = read_safetensors(path)
        except CheckpointError:
            continue
        assert sum(tensor.nbytes for tensor in found.values()) <= len(sound)
