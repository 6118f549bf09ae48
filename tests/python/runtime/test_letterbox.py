"""A letterbox shows the whole image, centred on its fill colour, by FORMAT.md read literally."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import edgebin
from edgebin.errors import OptionError
from edgebin.graph.format import encode, read, version_for, write
from edgebin.graph.preprocessing import Preprocessing
from edgebin.runtime.preprocess import prepare
from graphs.small_networks import colour_network

sides = st.integers(1, 60)


def boxed(fill: int, filter: Any = "nearest") -> Preprocessing:
    zeros, ones = (0.0,) * 3, (1.0,) * 3
    return Preprocessing(zeros, ones, 0, filter, fit="letterbox", fill=fill)


@given(w=sides, h=sides, wide=sides, high=sides, fill=st.integers(0, 255))
def test_sizes_and_places_are_those_of_the_format(
    w: int, h: int, wide: int, high: int, fill: int
) -> None:
    if w * high >= h * wide:
        width, height = wide, max(1, (2 * h * wide + w) // (2 * w))
    else:
        width, height = max(1, (2 * w * high + h) // (2 * h)), high
    assert (width, height) <= (wide, high)
    assert height <= high
    pixels = np.random.default_rng(w).integers(0, 256, (h, w, 3), np.uint8)
    resized = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)
    expected = np.full((high, wide, 3), fill, np.uint8)
    top, left = (high - height) // 2, (wide - width) // 2
    expected[top : top + height, left : left + width] = np.asarray(resized)
    found = prepare(pixels, boxed(fill, "bicubic"), (high, wide, 3))
    np.testing.assert_array_equal(found, expected)


def test_it_is_part_of_the_file(tmp_path: Path) -> None:
    made = colour_network()
    object.__setattr__(made, "preprocessing", boxed(114))
    assert version_for(made) == 3
    write(made, tmp_path / "boxed.ebn")
    assert read(tmp_path / "boxed.ebn").preprocessing == boxed(114)
    assert encode(read(tmp_path / "boxed.ebn")) == (tmp_path / "boxed.ebn").read_bytes()
    model = edgebin.load(tmp_path / "boxed.ebn")
    prepared = model.prepare(np.full((10, 40, 3), 7, np.uint8))[0, ..., 0]
    assert prepared.tolist() == [[114] * 4, [7] * 4, [114] * 4, [114] * 4]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fit": "stretch"}, "fit: expected crop or letterbox, found 'stretch'"),
        ({"fill": 256, "fit": "letterbox"}, "fill: expected 0, or 0 to 255 with a letterbox"),
        ({"fill": 1}, "fill: expected 0, or 0 to 255 with a letterbox, found 1"),
        ({"fill": -1, "fit": "letterbox"}, "fill: expected a number of pixels, found -1"),
        ({"fit": "letterbox", "resize": 8}, "resize: expected 0 with a letterbox, found 8"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Preprocessing((0.0,) * 3, (1.0,) * 3, **change)
