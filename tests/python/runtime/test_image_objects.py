"""Images as users hold them: bytes, file objects, tensors, iterables; and integers of numpy."""

from __future__ import annotations

import io
import zipfile
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import edgebin
from graphs.small_networks import colour_network, written


def written_buffer(path: Path) -> io.BytesIO:
    """A buffer that an image was just saved into, so that it stands at its end."""
    buffer = io.BytesIO()
    Image.open(path).save(buffer, "PNG")
    return buffer


def in_a_zip(path: Path) -> zipfile.Path:
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(path, path.name)
    return zipfile.Path(archive, path.name)


FILES: dict[str, Callable[[Path], Any]] = {
    "str": str,
    "bytes": Path.read_bytes,
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "BytesIO": lambda path: io.BytesIO(path.read_bytes()),
    "written BytesIO": written_buffer,
    "resource": in_a_zip,
}


class ArrayInterface:
    """Exports its memory by `__array_interface__` alone."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.__array_interface__ = array.__array_interface__


class DLPack:
    """Exports its memory by DLPack alone, from a device."""

    def __init__(self, array: Any, device: int = 1) -> None:
        self.array = array
        self.device = device

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.device, 0


class Arrayable:
    """Exports its memory by `__array__` alone."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.array


def tensor(array: Any) -> Any:
    return pytest.importorskip("torch", reason="needs PyTorch").from_numpy(array)


HOLDERS: dict[str, Callable[[Any], Any]] = {
    "array interface": ArrayInterface,
    "dlpack": DLPack,
    "__array__": Arrayable,
    "memoryview": memoryview,
    "tensor": tensor,
}


@pytest.fixture
def model(colours: Path) -> edgebin.Model:
    return edgebin.load(colours)


@pytest.mark.parametrize("holder", FILES.values(), ids=FILES)
def test_an_image_file_is_taken_as_it_is_held(
    model: edgebin.Model, green: Path, holder: Callable[[Path], Any]
) -> None:
    expected = model(green)
    assert model(holder(green)) == expected
    assert model([holder(green), green]) == [expected, expected]


def test_an_open_file_is_called_by_its_path(model: edgebin.Model, green: Path) -> None:
    with green.open("rb") as file:
        assert model(file) == model(green)
    bad = green.with_name("bad.png")
    bad.write_bytes(b"no image")
    with (
        bad.open("rb") as file,
        pytest.raises(edgebin.InputError, match=f'^image "{bad}": no image in one'),
    ):
        model(file)
    with green.open(encoding="latin-1") as text, pytest.raises(edgebin.InputError, match="'rb'"):
        model(text)


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_whatever_exports_its_memory_is_an_array(
    model: edgebin.Model, holder: Callable[[Any], Any]
) -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (2, 9, 7, 3), dtype=np.uint8)
    expected = model(pixels)
    assert model(holder(pixels[0].copy())) == expected[0]
    assert model(holder(pixels)) == expected
    sized = model.prepare(pixels)
    np.testing.assert_array_equal(model.run(holder(sized)), model.run(sized))
    np.testing.assert_array_equal(model.run_outputs(holder(sized))["logits"], model.run(sized))
    assert len(model.profile(holder(sized))) == len(model.profile(sized))


def test_memory_of_another_device_is_refused(model: edgebin.Model) -> None:
    pixels = DLPack(np.zeros((4, 4, 3), np.uint8), device=2)
    expected = "expected an array on the CPU, found DLPack on 2; what works: x.cpu"
    for call in (model, model.run, model.prepare):
        with pytest.raises(edgebin.InputError, match=expected):
            call(pixels)


def test_channels_first_is_answered_with_the_way(model: edgebin.Model) -> None:
    planes = tensor(np.zeros((3, 40, 50), np.uint8))
    with pytest.raises(edgebin.InputError, match=r"found \(3, 40, 50\); .* x.permute\(1, 2, 0\)"):
        model(planes)
    assert len(model(planes.permute(1, 2, 0))) == 3


def test_frames_whose_fourth_byte_is_padding_are_refused(model: edgebin.Model) -> None:
    """Taken for opacity, a padding of zeros makes every image white."""
    frame = np.full((6, 6, 4), (0, 200, 0, 0), np.uint8)
    with pytest.raises(
        edgebin.InputError, match=r"^image: .*padding; what works: frame\[..., :3\]"
    ):
        model(frame)
    assert model(frame[..., :3])[0].label == "green"
    frame[2, 3, 3] = 1
    assert len(model(frame)) == 3, "a single opaque pixel: the channel means something"


@pytest.mark.parametrize("kind", [iter, tuple, deque, lambda images: (x for x in images)])
def test_any_iterable_is_a_batch(
    model: edgebin.Model, green: Path, kind: Callable[[Any], Any]
) -> None:
    assert model(kind([green, str(green)])) == [model(green)] * 2
    assert model(kind([])) == []


def test_a_glob_is_a_batch(model: edgebin.Model, green: Path) -> None:
    assert model(green.parent.glob("*.png")) == [model(green)]


@pytest.mark.parametrize("image", [5, None, 1.5, {"a": "b"}, object(), np.uint8(3)])
def test_what_is_no_image_is_one_line(model: edgebin.Model, image: Any) -> None:
    with pytest.raises(edgebin.InputError, match=r"^image: expected a path, .* found \w+$"):
        model(image)


def test_what_numpy_cannot_read_is_one_line(model: edgebin.Model) -> None:
    class Broken:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            raise RuntimeError("first\nsecond")

    with pytest.raises(edgebin.InputError, match=r"found Broken that numpy cannot read: first$"):
        model(Broken())


def test_integers_of_numpy_are_options(colours: Path, green: Path) -> None:
    model = edgebin.load(colours, threads=np.int64(2), max_arena_bytes=np.uint32(2**20))
    assert (model.threads, type(model.threads)) == (2, int)
    pinned = edgebin.load(colours, pin=np.True_)  # type: ignore[arg-type]
    assert pinned.run(pinned.prepare(green)).shape == (1, 3)
    assert len(model(green, top=np.int8(2))) == 2
    assert edgebin.verify(edgebin.load("cifar10-resnet20").path or "", threads=np.int16(1)).exact
    wrongs: list[Any] = [np.int64(0), np.float32(2), np.True_, np.array([1, 2])]
    for wrong in wrongs:
        with pytest.raises(edgebin.OptionError, match=r"^threads: expected 1 to 256, found"):
            edgebin.load(colours, threads=wrong)
        with pytest.raises(edgebin.OptionError, match=r"^top: expected at least 1, found"):
            model(green, top=wrong)


def test_a_grey_network_takes_images(tmp_path: Path, green: Path) -> None:
    """One mean is of grey images; 0.1 wrote a file that took none."""
    assert edgebin.Preprocessing((0.5,), (0.5,)).colour == "grey"
    model = edgebin.load(written(colour_network(colour="grey"), tmp_path))
    assert model(green)[0].index == 0
    for colour, count in (("bgr", 1), ("grey", 3)):
        with pytest.raises(edgebin.OptionError, match=f"for {colour} images, found {count}"):
            edgebin.Preprocessing((0.5,) * count, (0.5,) * count, colour=colour)  # type: ignore[arg-type]
