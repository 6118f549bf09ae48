from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import edgebin
from edgebin.runtime.zoo import resolve, shipped


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(edgebin.ModelFileError) as caught:
        edgebin.load("resnet-1000")
    message = str(caught.value)
    assert message.startswith('model "resnet-1000": no such file, nor a shipped model (those: ')
    for name in shipped():
        assert name in message


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(edgebin.ModelFileError, match="is a directory, expected a file"):
        edgebin.load(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ("x" * 300, "no such file, nor a shipped model"),
        ("/" + "x" * 300, "cannot be opened: File name too long"),
        ("a\0b", "no such file, nor a shipped model"),
        ("./a\0b", "no such file, nor a shipped model"),
        ("", 'model "": no such file, nor a shipped model'),
        (None, "model: expected a path, a name, bytes or a file object, found NoneType"),
        (b"/none.ebn", "^model in memory: has 9 bytes, an .ebn file has at least 32"),
    ],
)
def test_what_is_no_path_is_one_line(wanted: Any, line: str) -> None:
    with pytest.raises(edgebin.ModelFileError, match=line):
        edgebin.load(wanted)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.ebn"
    path.write_bytes(b"")
    with pytest.raises(edgebin.ModelFileError, match=r"empty\.ebn"):
        edgebin.load(path)


def test_shipped_names_win_over_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, path in shipped().items():
        Path(name).write_bytes(b"no model")
        assert resolve(name) == path
        assert resolve(f"./{name}") == Path(name)


@pytest.mark.parametrize("name", list(shipped()))
def test_shipped_models_load_and_have_labels(name: str) -> None:
    model = edgebin.load(name)
    assert len(model.labels) == model.outputs[0].shape[0]


@pytest.mark.parametrize("misspelt", ["cifar10-resnet2", "cifar10_resnet20", "cifar-resnet20"])
def test_a_misspelt_name_is_answered_with_the_right_one(misspelt: str) -> None:
    with pytest.raises(edgebin.ModelFileError, match=r"; did you mean cifar10-resnet20\? \[file"):
        edgebin.load(misspelt)
