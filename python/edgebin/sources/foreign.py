"""Names files of other tools for what they are, with the line of Python that exports them.

A file is known by its first bytes, and an archive by the names in it; a pickle is scanned for the
names that it uses. Nothing is unpickled.
"""

from __future__ import annotations

import json
import os
import pickletools
import zipfile
from dataclasses import dataclass
from pathlib import Path

from edgebin.errors import CheckpointError, cut
from edgebin.files.safe_open import open_ordinary
from edgebin.sources.safetensors import looks_like_safetensors

_OURS = "edgebin-checkpoint"
_LARGEST_PICKLE = 1 << 24
_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How torch.save began a file before PyTorch 1.6: a number, pickled."""
_LOADED = "torch.load({path}, map_location='cpu', weights_only=True)"
_EXPORTED = "edgebin.export(network, torch.zeros(1, 3, 224, 224), {output})"
_PLAIN = {
    "collections",
    "torch",
    "torch._tensor",
    "torch._utils",
    "torch.nn.parameter",
    "torch.serialization",
    "torch.storage",
}
"""Modules whose names a pickle of tensors uses."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file.

    Attributes:
        name: of the kind, with an article.
        python: what exports it, with {path} and {output} for the names of files; "" where nothing
            does.
        is_weights: whether it holds a state dict, which `--arch` takes.
        remark: what else to say.
    """

    name: str
    python: str = ""
    is_weights: bool = False
    remark: str = ""


_STATE_DICT = Kind(
    "the weights of a network (a state dict)",
    f"network.load_state_dict({_LOADED}); {_EXPORTED}",
    is_weights=True,
)
_LEGACY_STATE_DICT = Kind(
    "the weights of a network, written by PyTorch before 1.6", _STATE_DICT.python, is_weights=True
)
_SAFETENSORS = Kind(
    "the weights of a network (safetensors)",
    "network.load_state_dict(safetensors.torch.load_file({path})); " + _EXPORTED,
    is_weights=True,
)
_TRAINING = Kind(
    "a checkpoint of another training",
    f"network.load_state_dict({_LOADED}[{{key}}]); {_EXPORTED}",
    is_weights=True,
)
_LIGHTNING = Kind(
    "a checkpoint of Lightning",
    "network = YourModule.load_from_checkpoint({path}, map_location='cpu'); " + _EXPORTED,
    is_weights=True,
)
_MODULE = Kind(
    "a whole network, pickled",
    "network = torch.load({path}, map_location='cpu', weights_only=False); " + _EXPORTED,
    remark="it runs code of the file, so only for files that you trust",
)
_SCRIPT = Kind(
    "a TorchScript program",
    "network = torch.jit.load({path}, map_location='cpu'); " + _EXPORTED,
)
_PROGRAM = Kind(
    "a program of torch.export",
    "network.load_state_dict(torch.export.load({path}).state_dict); " + _EXPORTED,
    remark="network is the Python module that it was made from",
)
_FOLDER = Kind(
    "a model folder of Hugging Face",
    "network = timm.create_model('local-dir:' + {path}, pretrained=True); " + _EXPORTED,
)
_STARTS = (
    (b"\x89EBN", Kind("an .ebn file, which is exported already")),
    (b"\x89HDF\r\n", Kind("an HDF5 file, as Keras writes it; edgebin takes PyTorch networks")),
    (b"GGUF", Kind("a GGUF file; edgebin takes PyTorch networks")),
    (b"\x93NUMPY", Kind("a NumPy array")),
    (b"<?xml", Kind("an XML file, as OpenVINO writes it; edgebin takes PyTorch networks")),
    (b"\x1f\x8b", Kind("a gzip archive", "", remark="unpack it first")),
)
STATE_DICT_KEYS = ("state_dict", "model_state_dict", "model", "network", "net", "weights")
"""Where trainings keep a state dict; the first that is there is taken."""


def refuse_foreign(path: Path) -> None:
    """Raise CheckpointError for a file that is known to be another tool's.

    Returns for a checkpoint of edgebin, and for what is not known.
    """
    kind, key = kind_of(path)
    if kind is not None:
        raise CheckpointError(described(path, kind, key))


def described(path: Path, kind: Kind, key: str = "state_dict") -> str:
    """Return the error line for a file: what it is, and the line of Python that exports it."""
    line = f"{cut(str(path), 80)}: expected a checkpoint of edgebin train, found {kind.name}"
    if kind.is_weights:
        line += "; of a network of edgebin, with --arch NAME it is taken"
    if kind.python:
        names = {
            "path": _quoted(path.name),
            "output": _quoted(f"{path.stem}.ebn"),
            "key": _quoted(key),
        }
        python = kind.python
        for name, text in names.items():
            python = python.replace(f"{{{name}}}", text)
        line += f"; from Python: {python}"
    return f"{line} ({kind.remark})" if kind.remark else line


def kind_of(path: Path) -> tuple[Kind | None, str]:
    """Return what a file is and under which key it has a state dict; None for edgebin's own.

    A file that cannot be read, or is damaged, gives None too: what reads it says more.
    """
    if os.path.isdir(path):
        is_model = any(os.path.exists(path / name) for name in ("config.json", "model.safetensors"))
        return (_FOLDER if is_model else None), ""
    try:
        with open_ordinary(path) as file:
            start = file.read(4096)
        if start.startswith(b"PK"):
            return _archive_kind(path)
    except Exception:  # whatever a damaged archive or pickle leads to
        return None, ""
    for magic, kind in _STARTS:
        if start.startswith(magic):
            return kind, ""
    if start.startswith(_LEGACY):
        return _legacy_kind(start), ""
    if start[4:8] == b"TFL3":
        return Kind("a TFLite file; edgebin takes PyTorch networks"), ""
    if looks_like_safetensors(start):
        return _SAFETENSORS, ""
    if start[:1] == b"\x08" and b"onnx" in path.suffix.encode().lower():
        return Kind("an ONNX file; edgebin takes PyTorch networks"), ""
    if start[:1] == b"\x80" and 2 <= int.from_bytes(start[1:2], "little") <= 5:
        return Kind("a pickle that PyTorch has not written"), ""
    return None, ""


def _archive_kind(path: Path) -> tuple[Kind | None, str]:
    with open_ordinary(path) as file, zipfile.ZipFile(file) as archive:
        names = [name.partition("/")[2] or name for name in archive.namelist()]
        if "constants.pkl" in names or any(name.startswith("code/") for name in names):
            return _SCRIPT, ""
        if "archive_format" in names or "serialized_exported_program.json" in archive.namelist():
            return _PROGRAM, ""
        if any(name.endswith(".npy") for name in names):
            return Kind("NumPy arrays"), ""
        if any(name.endswith(".weights.h5") for name in archive.namelist()):
            return Kind("a Keras file; edgebin takes PyTorch networks"), ""
        pickles = [info for info in archive.infolist() if info.filename.endswith("/data.pkl")]
        if len(pickles) != 1 or pickles[0].file_size > _LARGEST_PICKLE:
            return None, ""
        return _pickle_kind(archive.read(pickles[0]))


def _legacy_kind(start: bytes) -> Kind:
    """Return the kind of a file of torch.save before 1.6 by the names in its first bytes."""
    is_module = b"ctorch.nn" in start or b"c__main__" in start
    return _MODULE if is_module else _LEGACY_STATE_DICT


def _pickle_kind(raw: bytes) -> tuple[Kind | None, str]:
    """Return the kind of a pickle of torch.save by the names and keys that it holds."""
    modules, words = set[str](), dict[str, None]()
    for operation, argument, _ in pickletools.genops(raw):
        if operation.name == "GLOBAL":
            modules.add(str(argument).partition(" ")[0])
        elif operation.name in ("BINUNICODE", "SHORT_BINUNICODE"):
            words[str(argument)] = None
    if _OURS in words:
        return None, ""
    if "pytorch-lightning_version" in words:
        return _LIGHTNING, "state_dict"
    if any(name.startswith("torch.nn") and name != "torch.nn.parameter" for name in modules) or (
        "__main__" in modules
    ):
        return _MODULE, ""
    key = next((name for name in STATE_DICT_KEYS if name in words), None)
    if key is not None:
        return _TRAINING, key
    return (_STATE_DICT, "") if modules <= _PLAIN else (_MODULE, "")


def _quoted(text: str) -> str:
    """Return a name of a file as Python writes it; "..." for one that is too long for the line."""
    return json.dumps(text if len(text) <= 40 else "...", ensure_ascii=False)
