"""Detection: the core's boxes are those of a reference in numpy, bit for bit, and in the image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import edgebin
from edgebin import _core
from edgebin.errors import InputError
from edgebin.graph.detect import Detect
from edgebin.graph.format import encode
from graphs.detectors import image_detector, levels, passing_on, reference
from graphs.small_networks import colour_network

SHAPES = ((4, 5), (2, 3))
CLASSES = 3
RULE: dict[str, Any] = {"levels": levels((4, 0, 1), (8, 2, 3)), "max_boxes": 20, "candidates": 40}


def drawn(seed: int, strange: float) -> list[Any]:
    """Outputs with many ties, and with a share of strange numbers."""
    random = np.random.default_rng(seed)
    outputs = []
    for height, width in SHAPES:
        boxes = random.integers(-1, 5, (height, width, 4)).astype(np.float32) / 2
        scores = random.integers(0, 9, (height, width, CLASSES)).astype(np.float32) / 8
        for array in (boxes, scores):
            places = random.random(array.shape) < strange
            odd = np.array([np.nan, np.inf, -np.inf, -0.0, 1e30, 2, 1e-40], np.float32)
            array[places] = random.choice(odd, int(places.sum()))
        outputs += [boxes, scores]
    return outputs


@given(
    seed=st.integers(0, 2**31),
    strange=st.sampled_from([0.0, 0.1, 0.6]),
    form=st.sampled_from(["ltrb", "centre"]),
    class_aware=st.booleans(),
    iou=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    threshold=st.sampled_from([0.0, 0.375, 1.0]),
    most=st.sampled_from([(40, 20), (7, 7), (7, 2), (1, 1)]),
)
@settings(deadline=None)
def test_boxes_are_those_of_the_reference(
    seed: int,
    strange: float,
    form: Any,
    class_aware: bool,
    iou: float,
    threshold: float,
    most: tuple[int, int],
) -> None:
    rule = Detect(RULE["levels"], form, iou, *most, class_aware)
    outputs = drawn(seed, strange)
    core = _core.Model(encode(passing_on(SHAPES, CLASSES, threshold, rule)))
    found = core.decode(outputs)
    expected = reference(outputs, threshold, rule, SHAPES[0])
    np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32))


def test_a_million_candidates_are_bounded() -> None:
    """Every class of every position scores the same: the first positions win, quickly."""
    rule = Detect(levels((1, 0, 1)), candidates=4096, max_boxes=4096, iou_threshold=1.0)
    core = _core.Model(encode(passing_on([(128, 128)], 64, 0.5, rule)))
    boxes = np.full((128, 128, 4), 0.5, np.float32)
    found = core.decode([boxes, np.ones((128, 128, 64), np.float32)])
    assert found.shape == (4096, 6)
    assert found[:65, 5].tolist() == [*range(64), 0]
    assert found[64, :4].tolist() == [1, 0, 2, 1]


@pytest.mark.parametrize(
    ("size", "fit", "resize", "expected"),
    [
        ((8, 8), "letterbox", 0, (1, 1, 3, 3)),
        ((16, 8), "letterbox", 0, (2, 2, 6, 6)),  # 8 x 4 pixels, 2 above
        ((8, 32), "letterbox", 0, (4, 4, 12, 12)),  # 2 x 8, 3 to the left
        ((16, 24), "crop", 0, (2, 3, 6, 9)),  # stretched
        ((16, 24), "crop", 8, (2, 2, 6, 6)),  # 8 x 12, 2 cut above
    ],
)
def test_boxes_are_in_pixels_of_the_image(
    size: tuple[int, int],
    fit: str,
    resize: int,
    expected: tuple[float, ...],
    tmp_path: Path,
) -> None:
    (tmp_path / "red.ebn").write_bytes(encode(image_detector(8, fit, resize)))
    model = edgebin.load(tmp_path / "red.ebn")
    left, top, right, bottom = (int(edge) for edge in expected)
    image = np.zeros((size[1], size[0], 3), np.uint8)
    image[top:bottom, left:right] = (255, 0, 0)
    found = model(image)
    assert found
    assert {detection.label for detection in found} == {"red"}
    boxes = np.array([detection.box for detection in found])
    # Boxes are one stride larger than the red part, on each side, cut to the image.
    assert (boxes[:, 0] >= left - (right - left)).all()
    assert (boxes[:, 2] <= right + (right - left)).all()
    assert boxes[:, 1].min() >= 0
    assert boxes[:, 3].max() <= size[1]
    middle = ((boxes[:, 0] + boxes[:, 2]) / 2).mean(), ((boxes[:, 1] + boxes[:, 3]) / 2).mean()
    assert left - 0.01 <= middle[0] <= right + 0.01
    assert top - 0.01 <= middle[1] <= bottom + 0.01


def test_a_turned_image_has_boxes_as_one_sees_it(tmp_path: Path) -> None:
    (tmp_path / "red.ebn").write_bytes(encode(image_detector()))
    model = edgebin.load(tmp_path / "red.ebn")
    upright = Image.new("RGB", (16, 8))
    upright.paste((255, 0, 0), (2, 2, 6, 6))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise
    upright.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    assert model(tmp_path / "turned.png") == model(upright)
    assert model([upright, tmp_path / "turned.png"]) == [model(upright)] * 2


def test_detections_are_drawn_on_a_copy(tmp_path: Path) -> None:
    (tmp_path / "red.ebn").write_bytes(encode(image_detector()))
    model = edgebin.load(tmp_path / "red.ebn")
    image = Image.new("RGB", (160, 80))
    image.paste((255, 0, 0), (40, 20, 80, 60))
    before = image.tobytes()
    found = model.detect(image)
    drawn_image = found.draw(image)
    assert drawn_image.size == image.size
    assert image.tobytes() == before
    assert drawn_image.tobytes() != before
    assert "Detection(label='red', score=1.000, box=(" in repr(found[0])
    nothing = model.detect(Image.new("RGB", (9, 9)))
    assert nothing == []
    assert nothing.draw(image).tobytes() == before


def test_other_tasks_do_not_detect() -> None:
    core = _core.Model(encode(colour_network()))
    with pytest.raises(InputError, match="task: expected detect, found classify"):
        core.detect(np.zeros((1, 4, 4, 3), np.uint8), [(4, 4)])


def test_sizes_belong_to_images() -> None:
    core = _core.Model(encode(image_detector()))
    with pytest.raises(InputError, match="sizes: expected 2, found 1"):
        core.detect(np.zeros((2, 8, 8, 3), np.uint8), [(4, 4)])
    rows = core.detect(np.full((1, 8, 8, 3), 255, np.uint8), [(0, 0)])[0]
    assert rows[0].tolist() == [0, 0, 1.5, 1.5, 1, 0]
