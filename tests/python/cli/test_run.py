from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from processes.command_line import edgebin


def test_a_table_for_people(colours: Path, green: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("run", colours, green, "--top", 2) == 0
    out, err = capsys.readouterr()
    assert err == ""
    path, first, second = out.splitlines()
    assert path == str(green)
    assert first.split()[:3] == ["green", "100.0", "%"]
    assert second.split() == ["red", "0.0", "%"]
    assert first.index("%") == second.index("%")  # numbers are aligned


def test_one_json_document(colours: Path, green: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("run", colours, green, green, "--top", "1", "--json", "--isa", "scalar") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["model"], answer["isa"]) == ("colours", "scalar")
    assert [result["image"] for result in answer["results"]] == [str(green)] * 2
    (prediction,) = answer["results"][0]["predictions"]
    assert (prediction["label"], prediction["index"]) == ("green", 1)
    assert 0.99 < prediction["score"] <= 1


@pytest.mark.parametrize("as_json", [False, True])
def test_a_bad_image_costs_only_itself(
    colours: Path, green: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    bad = green.parent / "bad.png"
    bad.write_bytes(b"no image")
    options = ["--json"] if as_json else []
    assert edgebin("run", colours, green, bad, green, *options) == 2
    out, err = capsys.readouterr()
    known = "BMP, GIF, JPEG, PNG, PPM, TIFF, WEBP"
    reason = f'image "{bad}": no image in one of the formats {known}'
    assert err == f"edgebin: error: {reason}\n"
    if as_json:
        results = json.loads(out)["results"]
        assert [("predictions" in result) for result in results] == [True, False, True]
        assert results[1] == {"image": str(bad), "picture": str(bad), "error": reason}
    else:
        assert out.splitlines().count(str(green)) == 2


def test_what_a_file_says_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from graphs.small_networks import colour_network, written

    model = written(colour_network(labels=("\x1b[2J[bold]red\n", "b", "c")), tmp_path)
    image = tmp_path / "a\nb.png"
    Image.fromarray(np.full((4, 4, 3), (255, 0, 0), np.uint8)).save(image)
    assert edgebin("run", model, image) == 0
    out = capsys.readouterr().out
    assert r"\x1b[2J[bold]red\n" in out
    assert r"a\nb.png" in out
    assert edgebin("run", model, "c\nd.png") == 2
    assert capsys.readouterr().err.count("\n") == 1
