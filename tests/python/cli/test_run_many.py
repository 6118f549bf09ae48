"""`edgebin run` on folders, patterns, lists and standard input."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgebin.cli.classify.standard_input import read_standard_input
from edgebin.files.listing import matching, walk
from edgebin.files.names_list import MOST_NAME_BYTES, names_in
from processes.command_line import edgebin

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three images and a cut one, at three depths, beside what is no image."""
    home = tmp_path / "photos"
    for place, colour in (("b.png", "red"), ("a/x.png", "green"), ("a/deep/y.gif", "blue")):
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), COLOURS[colour]).save(home / place)
    (home / "a/cut.png").write_bytes((home / "b.png").read_bytes()[:40])
    (home / "notes.txt").write_text("no image")
    (home / ".hidden.png").write_bytes(b"hidden")
    (home / "a/loop").symlink_to("..")
    (home / "self.png").symlink_to("self.png")
    return home


def labels(out: str) -> list[tuple[str, str | None]]:
    rows = map(json.loads, out.splitlines())
    return [
        (Path(row["image"]).name, row["predictions"][0]["label"] if "predictions" in row else None)
        for row in rows
    ]


EVERYTHING = [("cut.png", None), ("y.gif", "blue"), ("x.png", "green"), ("b.png", "red")]


@pytest.mark.parametrize("workers", [1, 3])
def test_a_folder_in_order_and_bad_images_counted(
    colours: Path, photos: Path, capsys: pytest.CaptureFixture[str], workers: int
) -> None:
    assert edgebin("run", colours, photos, "--json", "--workers", workers) == 1
    out, err = capsys.readouterr()
    assert labels(out) == EVERYTHING
    bad, summary = err.splitlines()
    assert bad.startswith(f'edgebin: error: image "{photos}/a/cut.png": ')
    assert summary.startswith("4 images, ")
    assert summary.endswith(" images/s, 1 skipped")


def test_one_line_an_image_and_the_least_score(
    colours: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (8, 8), (200, 190, 190)).save(photos / "grey.png")
    options = ("--top", 1, "--no-recursive", "--min-score", "0.9")
    assert edgebin("run", colours, photos, *options) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{photos}/b.png  red  100.0 %",
        f"{photos}/grey.png  -",
    ]


def test_patterns_and_shares(
    colours: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pattern = f"{photos}/**/*.[gp][in][fg]"
    shares = []
    for shard in ("1/2", "2/2"):
        edgebin("run", colours, pattern, "--json", "--shard", shard)
        shares.append(labels(capsys.readouterr().out))
    assert shares == [EVERYTHING[::2], EVERYTHING[1::2]]
    assert list(matching(f"{photos}/*/*.png")) == [f"{photos}/a/cut.png", f"{photos}/a/x.png"]
    assert list(matching(f"{photos}/**")) == list(walk(str(photos), recursive=True))


def test_csv_is_read_back_whatever_a_name_holds(
    colours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [b'a,"b".png', b"c\nd.png", b"e\rf.png", b"\xff\xfe.png", "é漢.png".encode()]
    folder = tmp_path / "names"
    folder.mkdir()
    for name in names:
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:  # noqa: PTH123 - bytes
            Image.new("RGB", (4, 4), COLOURS["blue"]).save(file, "PNG")
    results = tmp_path / "r.csv"
    words = ("run", colours, folder, "--results", results, "--top", 1, "--save", tmp_path / "out")
    assert edgebin(*words) == 0
    text = results.read_bytes().decode(errors="surrogateescape")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["image", "error", "label", "index", "score"]
    assert [os.fsencode(Path(row[0]).name) for row in rows] == sorted(names)
    assert {row[2] for row in rows} == {"blue"}
    assert sorted(os.fsencode(path.name) for path in (tmp_path / "out").iterdir()) == sorted(names)
    assert edgebin(*words, "--resume") == 0
    assert capsys.readouterr().err.splitlines()[-1].startswith("0 images, ")


@pytest.mark.parametrize("name", ["r.jsonl", "r.csv"])
def test_a_run_goes_on_where_it_was_cut(
    colours: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    whole, cut = tmp_path / f"whole-{name}", tmp_path / name
    assert edgebin("run", colours, photos, "--results", whole) == 1
    content = whole.read_bytes()
    for size in (0, 1, len(content) // 2, len(content) - 1, len(content)):
        cut.write_bytes(content[:size])
        assert edgebin("run", colours, photos, "--results", cut, "--resume") == 1
        assert cut.read_bytes() == content
    capsys.readouterr()
    assert edgebin("run", colours, photos, "--results", cut) == 2
    assert "--resume" in capsys.readouterr().err
    (photos / "a/cut.png").unlink()
    assert edgebin("run", colours, photos, "--results", cut, "--resume") == 2
    assert "what works: the same images and options" in capsys.readouterr().err
    assert cut.read_bytes() == content


def test_labelled_images_overwrite_nothing(
    colours: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in walk_files(photos)}
    out = tmp_path / "out"
    assert edgebin("run", colours, photos, photos, "--save", out) == 1
    found = {str(path.relative_to(out)): path for path in walk_files(out)}
    expected = {"b.png", "b-2.png", "a/x.png", "a/x-2.png", "a/deep/y.gif.png"}
    assert set(found) == {*expected, "a/deep/y.gif-2.png"}
    with Image.open(found["b.png"]) as image:
        assert image.width == 320
        assert image.height > 320  # the classes are below the image
        assert image.convert("RGB").getpixel((0, 0)) == COLOURS["red"]
        assert np.asarray(image)[320:].max() == 255
    assert edgebin("run", colours, photos, "--save", out) == 2
    assert edgebin("run", colours, photos, "--save", photos / "a/new") == 2
    err = capsys.readouterr().err.splitlines()
    assert "expected a new or empty folder" in err[-2]
    assert "expected a folder outside the images" in err[-1]
    assert {path: path.read_bytes() for path in walk_files(photos)} == before


def walk_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["https://example.org/a.png"], "expected a file, found a URL"),
        (["{photos}/a/loop/none*.png"], "expected files that match, found none"),
        (["{empty}"], "expected images (.bmp"),
        (["-", "-"], "expected - once"),
        (["{photos}", "--shard", "3/2"], "--shard: expected I/N"),
        (["{photos}", "--resume"], "--resume: expected --results"),
        (["{photos}", "--csv", "--json"], "expected one of them, found both"),
        (["{photos}", "--results", "r.txt"], "expected NAME.jsonl or NAME.csv"),
        (["{photos}", "-o", "r.npz"], "--output: expected image files"),
    ],
)
def test_wrong_arguments_are_one_line(
    colours: Path, photos: Path, capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    (empty := photos.parent / "empty").mkdir()
    assert edgebin("run", colours, *(w.format(photos=photos, empty=empty) for w in words)) == 2
    out, err = capsys.readouterr()
    assert line in err
    assert (out, err.count("\n")) == ("", 1)


def test_standard_input_is_an_image_or_names(colours: Path, photos: Path, python: str) -> None:
    def run(content: bytes) -> tuple[int, list[tuple[str, str | None]]]:
        words = [python, "-m", "edgebin", "run", str(colours), "-", "--json"]
        child = subprocess.run(words, input=content, capture_output=True, check=False)
        return child.returncode, labels(child.stdout.decode())

    assert run((photos / "b.png").read_bytes()) == (0, [("-", "red")])
    names = f"{photos}/b.png\r\n\nhttp://x/y.png\n{photos}/a/x.png"
    found = [("b.png", "red"), ("y.png", None), ("x.png", "green")]
    assert run(names.encode()) == (1, found)


def test_what_a_list_may_hold() -> None:
    def names(content: bytes) -> list[str]:
        return list(names_in(io.BytesIO(content).read))

    assert names(b"a\nb\0c\0\xff") == ["a\nb", "c", "\udcff"]
    long = b"x" * 200_000
    assert [len(n) for n in names(b"a\n" + long + b"\nb\n")] == [1, MOST_NAME_BYTES + 3, 1]
    for start in (b"BMW.jpg\nb.jpg\n", b"P6-one.jpg\n", b"P5\n"):
        found = read_standard_input(io.BytesIO(start))
        assert found.image is None
    assert read_standard_input(io.BytesIO(b"P5\n1 1\n255\n0")).image is not None


def test_large_folders_are_listed_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgebin.files.listing.BLOCK", 3)
    names = [f"{number}.png" for number in range(10)]
    for name in reversed(names):
        (tmp_path / name).touch()
    assert list(walk(str(tmp_path), recursive=True)) == [str(tmp_path / name) for name in names]


def peak_of(colours: Path, folder: Path, results: Path) -> int:
    tracemalloc.start()
    try:
        assert edgebin("run", colours, folder, "--results", results, "--workers", 2) == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_images(
    colours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgebin.files.listing.BLOCK", 100)
    folder = tmp_path / "many"
    folder.mkdir()
    Image.new("RGB", (4, 4)).save(folder / "0.ppm")
    for number in range(1, 300):
        (folder / f"{number}.ppm").hardlink_to(folder / "0.ppm")
    peak_of(colours, folder, tmp_path / "first.jsonl")  # imports
    few = peak_of(colours, folder, tmp_path / "few.jsonl")
    for number in range(300, 4_000):
        (folder / f"{number}.ppm").hardlink_to(folder / "0.ppm")
    many = peak_of(colours, folder, tmp_path / "many.jsonl")
    assert many < few + 200_000, (few, many)
