"""What a `Preprocessing` takes, and the one line for each value that it refuses."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import edgebin
from edgebin.errors import OptionError
from edgebin.graph.preprocessing import Preprocessing

HALF = (0.5, 0.5, 0.5)
ONES = (1.0, 1.0, 1.0)


def test_sequences_become_tuples_of_floats() -> None:
    made = Preprocessing([0, 0.5, 1], np.array([1, 2, 4], np.float32), resize=np.int64(8))  # type: ignore[arg-type]
    assert made.mean == (0.0, 0.5, 1.0)
    assert made.scale == (1.0, 2.0, 4.0)
    assert {type(value) for value in (*made.mean, *made.scale)} == {float}
    assert (made.resize, type(made.resize), made.input_size) == (8, int, 0)


def test_imagenet_in_units_of_pixels_is_refused_with_the_value_that_is_meant() -> None:
    with pytest.raises(OptionError) as refused:
        Preprocessing((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
    assert str(refused.value) == (
        "preprocessing mean: expected values in units of 0..1, found 123.675, "
        "which is 0.485 when divided by 255"
    )
    with pytest.raises(OptionError, match=r"scale: .* found 58.395, which is 0.229 when divided"):
        Preprocessing((0.485, 0.456, 0.406), (58.395, 57.12, 57.375))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "zero": ({"scale": (1.0, 0.0, 1.0)}, "scale: expected values above 0, found 0.0"),
    "nan": ({"scale": (1.0, 1.0, np.nan)}, "scale: expected finite values, found nan"),
    "count": ({"scale": (1.0,)}, "scale: expected 3 values, as many as mean has, found 1"),
    "one mean": ({"mean": 0.5}, "mean: expected numbers, one for each channel, found 0.5"),
    "text": ({"mean": "abc"}, "mean: expected numbers, one for each channel, found 'abc'"),
    "array of no axis": ({"mean": np.array(0.5)}, "mean: expected numbers, one for each"),
    "huge": ({"mean": (10**400,) * 3}, "mean: expected finite values, found 1000"),
    "texts": ({"scale": ("1",) * 3}, "scale: expected numbers, one for each"),
    "bytes": ({"mean": b"123"}, "mean: expected numbers, one for each"),
    "a fraction": ({"resize": 1.5}, "resize: expected a number of pixels, found 1.5"),
    "negative": ({"input_size": -1}, "input_size: expected a number of pixels, found -1"),
    "filter": ({"filter": "box"}, "filter: expected nearest or bilinear or .*, found 'box'"),
    "colour": ({"colour": "cmyk"}, "colour: expected rgb or bgr or grey, found 'cmyk'"),
}


@pytest.mark.parametrize("given", REFUSED)
def test_other_values_are_refused(given: str) -> None:
    changed, message = REFUSED[given]
    with pytest.raises(OptionError, match=f"^preprocessing {message}"):
        Preprocessing(**{"mean": HALF, "scale": ONES, **changed})


def test_a_tensor_is_no_sequence_of_numbers() -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    with pytest.raises(OptionError, match="mean: expected numbers, one for each channel"):
        Preprocessing(torch.nn.Parameter(torch.ones(3)), ONES)


def test_what_a_file_says_is_taken_as_it_is() -> None:
    """FORMAT.md has no limit for means: such files stay readable."""
    found = Preprocessing.unchecked((123.675,), (58.395,), 256, "bicubic", "grey")
    assert (found.mean, found.scale, found.resize) == ((123.675,), (58.395,), 256)
    assert (found.filter, found.colour, found.input_size) == ("bicubic", "grey", 0)
    plain = Preprocessing.unchecked((0.5,), (0.25,), colour="grey")
    assert plain == Preprocessing((0.5,), (0.25,))
    with pytest.raises(dataclasses.FrozenInstanceError):
        plain.resize = 1  # type: ignore[misc]


def test_the_old_name_of_scale_in_training_is_kept() -> None:
    assert edgebin.Preprocessing is Preprocessing
    with pytest.warns(DeprecationWarning, match="Preprocessing.std is deprecated, use scale"):
        assert Preprocessing(HALF, ONES).std == ONES
