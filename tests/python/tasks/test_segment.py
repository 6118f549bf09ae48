"""Segmentation: label maps are of the size of the image, and say what FORMAT.md says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgebin
from edgebin.errors import InputError
from edgebin.graph.format import encode
from edgebin.runtime.segmentation import classes_of
from graphs.segmenters import colours
from processes.command_line import edgebin as command


def bands(width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Red on the left half, green on the right, and a blue row at the bottom eighth."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = pixels[:, width // 2 :, 1] = 200
    pixels[height * 7 // 8 :] = (0, 0, 200)
    return pixels


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("width", "height"), [(16, 16), (40, 16), (16, 48)])
def test_a_stretched_image_has_its_own_size_back(width: int, height: int, stride: int) -> None:
    model = edgebin.load(encode(colours(16, stride=stride)))
    found = model(bands(width, height))
    expected = bands(width, height).argmax(-1)
    np.testing.assert_array_equal(found.classes, expected)  # type: ignore[attr-defined]
    assert [(x.label, x.index) for x in found] == [("red", 0), ("green", 1), ("blue", 2)]
    assert [x.score for x in found] == [0.4375, 0.4375, 0.125]


def test_a_letterbox_is_removed() -> None:
    model = edgebin.load(encode(colours(16, fit="letterbox")))
    pixels = bands(32, 16)
    np.testing.assert_array_equal(model.segment(pixels).classes, pixels.argmax(-1))
    tall = bands(8, 32)
    np.testing.assert_array_equal(
        model.segment([pixels, tall])[1].classes[:, [1, 6]], tall.argmax(-1)[:, [1, 6]]
    )


def test_what_a_crop_cuts_off_has_no_class() -> None:
    model = edgebin.load(encode(colours(8, resize=8)))
    found = model.segment(bands(16, 8))
    assert (found.classes[:, :4] == -1).all()
    assert (found.classes[:, 12:] == -1).all()
    np.testing.assert_array_equal(found.classes[:, 4:12], bands(16, 8).argmax(-1)[:, 4:12])
    assert sum(x.score for x in found) == 0.5


def test_ties_nans_and_infinities() -> None:
    scores = np.array([[1, 1, 0], [np.nan, -1, -2], [np.nan] * 3, [-np.inf] * 3, [0, np.inf, 1]])
    assert classes_of(scores[None].astype(np.float32)).tolist() == [[0, 1, 0, 0, 1]]


def test_the_overlay_is_half_the_palette() -> None:
    model = edgebin.load(encode(colours(8, resize=8)))
    pixels = bands(16, 8)
    drawn = np.array(model.segment(pixels).draw(pixels))
    assert drawn[0, 5].tolist() == [(200 + 0x42) // 2, 0x69 // 2, 0xD0 // 2]
    np.testing.assert_array_equal(drawn[:, :4], pixels[:, :4])
    with pytest.raises(InputError, match="image: expected 16x8 pixels, found 8x8"):
        model.segment(pixels).draw(pixels[:, :8])


def test_other_tasks_are_refused() -> None:
    model = edgebin.load(encode(colours(8, kind="raw")))
    with pytest.raises(InputError, match="expected the task segment, found raw"):
        model.segment(bands(8, 8))
    with pytest.raises(InputError, match="expected the task embed, found raw"):
        model.embed(bands(8, 8))


def test_the_command_prints_shares_and_saves_overlays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "colours.ebn").write_bytes(encode(colours(16)))
    Image.fromarray(bands(16, 16)).save(tmp_path / "a.png")
    assert command("run", tmp_path / "colours.ebn", tmp_path / "a.png") == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == ["red", "43.8", "%"]
    assert command("run", tmp_path / "colours.ebn", tmp_path / "a.png", "--json") == 0
    result = json.loads(capsys.readouterr().out)["results"][0]
    assert result["segments"][2] == {"label": "blue", "index": 2, "score": 0.125}
    folder, raw = tmp_path / "saved", tmp_path / "raw.npy"
    assert command("run", tmp_path / "colours.ebn", tmp_path / "a.png", "--save", folder) == 0
    assert len(list(folder.rglob("*.png"))) == 1
    assert command("run", tmp_path / "colours.ebn", tmp_path / "a.png", "--output", raw) == 0
    np.testing.assert_array_equal(np.load(raw)[0], bands(16, 16))


def test_folders_and_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "colours.ebn").write_bytes(encode(colours(16)))
    (tmp_path / "images").mkdir()
    Image.fromarray(bands(16, 16)).save(tmp_path / "images/a.png")
    assert command("run", tmp_path / "colours.ebn", tmp_path / "images", "--json") == 0
    line = json.loads(capsys.readouterr().out)
    assert [x["label"] for x in line["segments"]] == ["red", "green", "blue"]
    assert command("run", tmp_path / "colours.ebn", tmp_path / "images", "--csv", "--top", "1") == 0
    header, row = capsys.readouterr().out.split()
    assert header == "image,error,label,index,score"
    assert row.endswith("a.png,,red,0,0.4375")
