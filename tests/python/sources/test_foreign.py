"""Files of other tools given to `edgebin export`: named for what they are, with the way out."""

from __future__ import annotations

import io
import pickle
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from edgebin.errors import CheckpointError
from edgebin.sources import from_checkpoint
from edgebin.sources.foreign import kind_of
from training.safetensors_files import saved


def network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 3)).eval()


def _torch(value: object, *, legacy: bool = False) -> bytes:
    contents = io.BytesIO()
    torch.save(value, contents, _use_new_zipfile_serialization=not legacy)
    return contents.getvalue()


def _script() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        contents = io.BytesIO()
        torch.jit.save(torch.jit.script(network()), contents)
    return contents.getvalue()


def _program() -> bytes:
    contents = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(network(), (torch.zeros(1, 3, 8, 8),))
        torch.export.save(program, contents)
    return contents.getvalue()


def _numpy() -> bytes:
    contents = io.BytesIO()
    np.savez(contents, w=np.zeros(3))
    return contents.getvalue()


def _keras() -> bytes:
    contents = io.BytesIO()
    with zipfile.ZipFile(contents, "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", b"")
    return contents.getvalue()


def _lightning() -> dict[str, object]:
    state = {f"model.{key}": value for key, value in network().state_dict().items()}
    return {"epoch": 3, "pytorch-lightning_version": "2.5.0", "state_dict": state}


FOUND: dict[str, tuple[Callable[[], bytes], str]] = {
    "state.pth": (
        lambda: _torch(network().state_dict()),
        "the weights of a network (a state dict)",
    ),
    "old.pth": (lambda: _torch(network().state_dict(), legacy=True), "before 1.6"),
    "whole.pt": (lambda: _torch(network()), "a whole network, pickled"),
    "old_whole.pt": (lambda: _torch(network(), legacy=True), "a whole network, pickled"),
    "script.pt": (_script, "a TorchScript program"),
    "program.pt2": (_program, "a program of torch.export"),
    "m.safetensors": (lambda: saved(network().state_dict()), "(safetensors)"),
    "last.ckpt": (lambda: _torch(_lightning()), "a checkpoint of Lightning"),
    "best.pt": (
        lambda: _torch({"model_state_dict": network().state_dict(), "epoch": 1}),
        "a checkpoint of another training",
    ),
    "a.npz": (_numpy, "NumPy arrays"),
    "a.keras": (_keras, "a Keras file"),
    "a.h5": (lambda: b"\x89HDF\r\n\x1a\n" + b"\0" * 90, "an HDF5 file"),
    "a.tflite": (lambda: b"\x1c\0\0\0TFL3" + b"\0" * 90, "a TFLite file"),
    "a.onnx": (lambda: b"\x08\x08\x12\x07pytorch" + b"\0" * 90, "an ONNX file"),
    "a.gguf": (lambda: b"GGUF\x03\0\0\0" + b"\0" * 90, "a GGUF file"),
    "a.ebn": (lambda: b"\x89EBN\r\n\x1a\n" + b"\0" * 90, "an .ebn file, which is exported already"),
    "a.pkl": (lambda: pickle.dumps({"w": 1}), "a pickle that PyTorch has not written"),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_file_is_named_for_what_it_is(name: str, tmp_path: Path) -> None:
    contents, kind = FOUND[name]
    path = tmp_path / name
    path.write_bytes(contents())
    with pytest.raises(CheckpointError) as caught:
        from_checkpoint(path)
    line = str(caught.value)
    assert ": expected a checkpoint of edgebin train, found " in line
    assert kind in line
    assert " ... " not in line  # nothing was cut out
    assert "\n" not in line


RUNS = ("state.pth", "old.pth", "whole.pt", "old_whole.pt", "script.pt", "program.pt2", "best.pt")


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_the_line_of_python_exports_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands, for images of the network's own size."""
    import edgebin

    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(FOUND[name][0]())
    with pytest.raises(CheckpointError) as caught:
        from_checkpoint(Path(name))
    pasted = re.search(r"from Python: (.*?\.ebn\"\))", str(caught.value))
    assert pasted is not None
    python = pasted[1].replace("224", "8")
    exec(python, {"torch": torch, "edgebin": edgebin, "network": network()})
    assert edgebin.load(f"{Path(name).stem}.ebn").name == Path(name).stem


def test_a_model_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "vit").mkdir()
    (tmp_path / "vit" / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match=r"a model folder of Hugging Face.*timm"):
        from_checkpoint(tmp_path / "vit")


def test_what_is_not_known_is_left_to_the_reader_of_checkpoints(tmp_path: Path) -> None:
    for name, contents in (("a", b""), ("b", b"PK\x03\x04"), ("c", b"text"), ("d", b"\x80")):
        (tmp_path / name).write_bytes(contents)
        assert kind_of(tmp_path / name) == (None, "")
    assert kind_of(tmp_path / "missing") == (None, "")
    assert kind_of(Path("/dev/null")) == (None, "")


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return open, (str(tmp_path / "ran"), "w")

    for legacy in (False, True):
        (tmp_path / "evil.pt").write_bytes(_torch({"model": Evil()}, legacy=legacy))
        with pytest.raises(CheckpointError):
            from_checkpoint(tmp_path / "evil.pt")
    assert not (tmp_path / "ran").exists()
