from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgebin.graph.task import Task
from edgebin.runtime.model import load
from graphs.small_networks import colour_network, sum_of_tensors, two_outputs, written
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


def test_outputs_are_written_instead_of_classes(
    tmp_path: Path, green: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dense outputs, which have no classes, could not be had from the command."""
    network = two_outputs(colour_network())
    dense = replace(network, graph=replace(network.graph, outputs=network.graph.outputs[::-1]))
    path = written(replace(dense, labels=()), tmp_path)
    assert edgebin("run", path, green) == 2
    assert capsys.readouterr().err.endswith("its values, by Model.run or --output\n")
    red = tmp_path / "red.png"
    Image.new("RGB", (3, 3), "red").save(red)
    assert edgebin("run", path, green, red, "--output", tmp_path / "out.npz") == 0
    assert edgebin("run", path, green, red, "-o", tmp_path / "out.f32") == 0
    assert capsys.readouterr() == ("", "")
    model = load(path)
    expected = model.run_outputs(model.prepare([green, red]))
    with np.load(tmp_path / "out.npz") as found:
        assert list(found) == ["scaled", "logits"]
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name], values)
    raw = np.fromfile(tmp_path / "out.f32", np.float32)
    one_by_one = [values[i].ravel() for i in range(2) for values in expected.values()]
    np.testing.assert_array_equal(raw, np.concatenate(one_by_one))


def test_one_output_is_written_as_an_array(colours: Path, green: Path, tmp_path: Path) -> None:
    assert edgebin("run", colours, green, green, "-o", tmp_path / "out.npy") == 0
    model = load(colours)
    found = np.load(tmp_path / "out.npy")
    np.testing.assert_array_equal(found, model.run(model.prepare([green, green])))


def test_several_outputs_are_no_array(
    green: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = written(two_outputs(colour_network()), tmp_path)
    assert edgebin("run", both, green, "-o", tmp_path / "a.npy") == 2
    assert "--output: expected NAME.npz for 2 outputs, found" in capsys.readouterr().err


@pytest.fixture
def tensors(tmp_path: Path) -> dict[str, Path]:
    """Two images for `sum_of_tensors`: reals as an array, bytes as they are."""
    np.save(tmp_path / "a.npy", np.arange(12, dtype=np.float32).reshape(2, 2, 3, 1) / 4)
    np.arange(-6, 6, dtype=np.int8).tofile(tmp_path / "b.raw")
    return {"a": tmp_path / "a.npy", "b": tmp_path / "b.raw"}


def test_tensors_stand_for_images(tensors: dict[str, Path], tmp_path: Path) -> None:
    model = written(sum_of_tensors(), tmp_path)
    given = [word for name, path in tensors.items() for word in ("--input", f"{name}={path}")]
    for out in (tmp_path / "out.npy", tmp_path / "out.f32"):
        assert edgebin("run", model, *given, "--output", out) == 0
    expected = np.arange(12) / 4 + np.arange(-6, 6)
    found = np.load(tmp_path / "out.npy")
    assert (found.shape, found.ravel().tolist()) == ((2, 2, 3, 1), expected.tolist())
    assert np.fromfile(tmp_path / "out.f32", np.float32).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("a=A",), '--input: expected "b", found no file'),
        (("a=A", "b=B", "c=B"), '--input: expected one of "a", "b", found "c"'),
        (("a=A", "a=A"), '--input: expected "a" once, found it twice'),
        (("a",), '--input: expected NAME=FILE, found "a"'),
        (("a=none.npy", "b=B"), 'input "none.npy": No such file or directory'),
        (("a=B", "b=B"), "expected a multiple of 24 bytes, found 12"),
        (("a=A", "b=A"), "expected int8 (N, 2, 3, 1), found float32 (2, 2, 3, 1)"),
        (("a=A", "b=FEW"), "expected N to be 2 as in the first, found 1"),
        (("a=PICKLED", "b=B"), "expected float32 (N, 2, 3, 1), found object (1,)"),
        (("a=EMPTY", "b=B"), "EMPTY.npy"),
        (("a=BOMB", "b=B"), "expected a multiple of 24 bytes, found 0"),
    ],
)
def test_other_tensors_are_refused(
    given: tuple[str, ...],
    message: str,
    tensors: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "EMPTY.npy").touch()
    (tmp_path / "few.raw").write_bytes(bytes(6))
    np.save(tmp_path / "pickled.npy", np.array([{}], object), allow_pickle=True)
    bomb = {"descr": "<f4", "fortran_order": False, "shape": (2**40, 2, 3, 1)}
    with (tmp_path / "bomb.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, bomb)
    files = {
        "BOMB": tmp_path / "bomb.npy",
        "A": tensors["a"],
        "B": tensors["b"],
        "FEW": tmp_path / "few.raw",
        "PICKLED": tmp_path / "pickled.npy",
        "EMPTY": tmp_path / "EMPTY.npy",
    }
    words: list[str] = []
    for each in given:
        name, equals, path = each.partition("=")
        words += ["--input", f"{name}{equals}{files.get(path, path)}"]
    out = tmp_path / "out.npy"
    assert edgebin("run", written(sum_of_tensors(), tmp_path), *words, "-o", out) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not out.exists()


def test_an_image_of_no_class_is_said_to_be(
    green: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = replace(colour_network(), task=Task("classify", 100, 0.9))
    assert edgebin("run", written(strict, tmp_path), green) == 0
    assert capsys.readouterr().out == f"{green}\n  none of the classes\n"


def test_outputs_are_written_whole_or_not_at_all(
    colours: Path, green: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.npz"
    for arguments, line in (
        ((green, "none.png", "-o", out), 'image "none.png": no such file'),
        ((green, "-o", out, "--json"), "--json and --output: expected one of them, found both"),
        ((), "run: expected IMAGE... or --input, found none"),
        ((green, "--input", "image=x"), "run: expected IMAGE... or --input, found both"),
        (("--input", "image=x"), "--input: expected --output FILE, too, found none"),
        ((green, "-o", tmp_path), "cannot be written: a folder or a device stands there"),
    ):
        assert edgebin("run", colours, *arguments) == 2
        assert line in capsys.readouterr().err
    assert not out.exists()


def test_a_note_about_an_image_is_one_line(
    colours: Path, green: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = green.with_name("frame.jpg")
    Image.new("RGB", (40, 30), (0, 255, 0)).save(frame)
    frame.write_bytes(frame.read_bytes()[:-2])
    assert edgebin("run", colours, frame, frame, "--top", 1) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1].split()[0] == "green"
    line = f'edgebin: warning: image "{frame}": JPEG without its end marker (EOI); all pixels were'
    assert err == f"{line} read\n" * 2


def test_what_a_file_says_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = written(colour_network(labels=("\x1b[2J[bold]red\n", "b", "c")), tmp_path)
    image = tmp_path / "a\nb.png"
    Image.fromarray(np.full((4, 4, 3), (255, 0, 0), np.uint8)).save(image)
    assert edgebin("run", model, image) == 0
    out = capsys.readouterr().out
    assert r"\x1b[2J[bold]red\n" in out
    assert r"a\nb.png" in out
    assert edgebin("run", model, "c\nd.png") == 2
    assert capsys.readouterr().err.count("\n") == 1
