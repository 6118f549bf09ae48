"""Models from memory: bytes, file objects and resources, and what is said of other objects."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edgebin

PIXELS = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)


def resource(path: Path) -> zipfile.Path:
    """The file inside a zip archive, as importlib.resources gives it."""
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(path, "models/m.ebn")
    return zipfile.Path(archive, "models/m.ebn")


def at_its_end(path: Path) -> io.BytesIO:
    buffer = io.BytesIO()
    buffer.write(path.read_bytes())
    return buffer


HOLDERS: dict[str, Callable[[Path], Any]] = {
    "bytes": Path.read_bytes,
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "BytesIO": lambda path: io.BytesIO(path.read_bytes()),
    "written BytesIO": at_its_end,
    "resource": resource,
}


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_a_model_is_loaded_from_what_holds_its_file(
    binary: Path, holder: Callable[[Path], Any]
) -> None:
    expected = edgebin.load(binary)
    held = holder(binary)
    model = edgebin.load(held)
    np.testing.assert_array_equal(model.run(PIXELS), expected.run(PIXELS))
    assert (model.name, model.file_bytes, model.path) == ("binary", expected.file_bytes, None)
    assert "from model in memory on" in repr(model) or "from m.ebn on" in repr(model)


def test_an_open_file_is_called_by_its_path(binary: Path) -> None:
    with binary.open("rb") as file:
        model = edgebin.load(file)
    assert f"from {binary} on" in repr(model)
    np.testing.assert_array_equal(model.run(PIXELS), edgebin.load(binary).run(PIXELS))


def test_a_model_in_memory_does_not_change_with_its_holder(binary: Path) -> None:
    held = bytearray(binary.read_bytes())
    model = edgebin.load(held)
    expected = model.run(PIXELS)
    held[:] = bytes(len(held))
    np.testing.assert_array_equal(model.run(PIXELS), expected)
    assert model.layers[0].name == "first"


def test_a_model_in_memory_is_verified() -> None:
    path = edgebin.load("cifar10-resnet20").path
    assert path is not None
    assert edgebin.verify(path.read_bytes(), threads=1, isa="scalar").exact


@pytest.mark.parametrize("options", [{"isa": "scalar"}, {"threads": 2, "max_arena_bytes": 2**20}])
def test_options_hold_for_models_in_memory(binary: Path, options: dict[str, Any]) -> None:
    model = edgebin.load(binary.read_bytes(), **options)
    assert model.threads == options.get("threads", 1)
    assert model.isa == options.get("isa", edgebin.isas()[0])
    with pytest.raises(
        edgebin.ModelFileError, match=r"^model in memory: arena needs .*arena.limit"
    ):
        edgebin.load(binary.read_bytes(), max_arena_bytes=1)


def test_damage_in_memory_has_a_name_and_a_code(binary: Path) -> None:
    whole = binary.read_bytes()
    for contents, code in ((whole[:-1], "container.file_size"), (b"", "container.size")):
        with pytest.raises(edgebin.ModelFileError, match=r"^model in memory: ") as caught:
            edgebin.load(contents)
        assert caught.value.code == code
        assert str(caught.value).endswith(f"[{code}]")


@pytest.mark.parametrize(
    ("contents", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0", "a JPEG image"),
        (b"PK\x03\x04", "a zip archive, such as a PyTorch checkpoint"),
        (b"\x18\0\0\0TFL3", "a TensorFlow Lite model"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    ],
)
def test_another_file_is_called_what_it_is(tmp_path: Path, contents: bytes, kind: str) -> None:
    path = tmp_path / "file.ebn"
    path.write_bytes(contents + bytes(64))
    for source, name in ((path, str(path)), (path.read_bytes(), "model in memory")):
        with pytest.raises(edgebin.ModelFileError) as caught:
            edgebin.load(source)
        assert str(caught.value).startswith(f"{name}: expected an .ebn file, found {kind}")
        assert caught.value.code == "container.magic"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (io.StringIO("text"), "model in memory: expected a file opened by open"),
        (5, "model: expected a path, a name, bytes or a file object, found int"),
        (None, "model: expected a path, a name, bytes or a file object, found NoneType"),
        ([b"a"], "model: expected a path, a name, bytes or a file object, found list"),
    ],
)
def test_what_holds_no_file_is_one_line(source: Any, line: str) -> None:
    with pytest.raises(edgebin.ModelFileError) as caught:
        edgebin.load(source)
    assert str(caught.value).startswith(line)


def test_errors_are_short_whatever_is_given(binary: Path) -> None:
    """0.1 took the bytes of a file for a path and repeated all of them."""
    junk = b"\x89EBN\r\n\x1a\n" + 2**20 * b"x"
    errors: list[edgebin.EdgebinError] = []
    sources: list[Any] = [junk, "x" * 100_000, "/" + "x\n" * 100_000, 10**400]
    for source in sources:
        with pytest.raises(edgebin.ModelFileError) as caught:
            edgebin.load(source)
        errors.append(caught.value)
    wrong: Any = ["x" * 10_000]
    for option in ("threads", "isa", "kernels", "pin", "max_arena_bytes"):
        with pytest.raises(edgebin.OptionError) as refused:
            edgebin.load(binary, **{option: wrong})
        errors.append(refused.value)
    for error in errors:
        assert len(str(error)) <= 500
        assert "\n" not in str(error)
