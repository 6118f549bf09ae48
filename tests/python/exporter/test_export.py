"""`edgebin.export` and `edgebin export`: files, options, refusals."""

from __future__ import annotations

import threading
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import edgebin
from edgebin.cli.app import main
from edgebin.errors import ExportError
from edgebin.exporter import EndWeights, to_network
from edgebin.graph.format import encode, read
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn import HWGQ, BinaryConv2d
from edgebin.nn.networks import build, check_options
from edgebin.sources import untrained
from edgebin.train.checkpoint import checkpoint


def _model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        HWGQ(),
        BinaryConv2d(8, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 3),
    )


EXAMPLE = torch.zeros(1, 3, 10, 14)


def test_export_writes_a_file_that_holds_everything(tmp_path: Path) -> None:
    path = tmp_path / "model.ebn"
    preprocessing = Preprocessing(
        (0.4, 0.5, 0.6), (0.2, 0.3, 0.4), resize=16, filter="bicubic", colour="bgr"
    )
    edgebin.export(
        _model(), EXAMPLE, path, labels=("a", "b", "c"), preprocessing=preprocessing, name="tiny"
    )
    network = read(path)
    assert network.name == "tiny"
    assert network.labels == ("a", "b", "c")
    assert network.graph.input_shape == (10, 14, 3)
    assert network.preprocessing.resize == 16
    assert network.preprocessing.colour == "bgr"
    np.testing.assert_allclose(network.preprocessing.mean, preprocessing.mean, rtol=1e-7)
    assert edgebin.load(path).run(np.zeros((2, 10, 14, 3), np.uint8)).shape == (2, 3)


def test_same_network_same_bytes(tmp_path: Path) -> None:
    for name in ("one.ebn", "two.ebn"):
        edgebin.export(_model(), EXAMPLE, tmp_path / name, name="m")
    assert (tmp_path / "one.ebn").read_bytes() == (tmp_path / "two.ebn").read_bytes()


@pytest.mark.parametrize("first", ["int8", "float32"])
@pytest.mark.parametrize("last", ["int8", "float32"])
def test_ends_are_what_was_asked_for(first: EndWeights, last: EndWeights, tmp_path: Path) -> None:
    network = edgebin.export(_model(), EXAMPLE, tmp_path / "m.ebn", first=first, last=last)
    products = [node for node in network.graph.nodes if node.op in ("conv", "linear")]
    assert products[0].constants["weights"].dtype.name == first
    assert products[-1].constants["weights"].dtype.name == last


def test_the_first_layer_need_not_be_the_first_call() -> None:
    """Whatever stands between it and the image but another layer."""
    model = nn.Sequential(
        *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(105, 8), nn.ReLU()),
        *(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3)),
    )
    network = to_network(model, EXAMPLE)
    kinds = [n.constants["weights"].dtype.name for n in network.graph.nodes if n.op == "linear"]
    assert kinds == ["int8", "float32", "int8"]


def test_grey_images(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 64, 2))
    edgebin.export(model, torch.zeros(1, 1, 10, 10), tmp_path / "grey.ebn")
    network = read(tmp_path / "grey.ebn")
    assert network.preprocessing.colour == "grey"
    assert edgebin.load(tmp_path / "grey.ebn").run(np.zeros((1, 10, 10, 1), np.uint8)).shape == (
        1,
        2,
    )


class _Named(nn.Module):
    """Outputs with names, of which one is also that of another layer."""

    def __init__(self, kind: Callable[..., Any]) -> None:
        super().__init__()
        self.kind = kind
        self.boxes = nn.Conv2d(3, 4, 1)
        self.head = nn.Sequential(nn.Conv2d(4, 2, 1), nn.BatchNorm2d(2))

    def forward(self, x: Tensor) -> Any:
        y = self.boxes(x).relu()
        return self.kind(scores=self.head(y), boxes=y.mean((2, 3)))


@pytest.mark.parametrize("kind", [dict, namedtuple("Found", ["scores", "boxes"])])
def test_outputs_keep_their_names(kind: Callable[..., Any], tmp_path: Path) -> None:
    torch.manual_seed(3)
    model = _Named(kind).eval()
    path = tmp_path / "named.ebn"
    with pytest.warns(edgebin.ExportWarning):
        edgebin.export(model, torch.zeros(1, 3, 6, 6), path, first="float32", last="float32")
    assert read(path).graph.outputs == ("scores", "boxes")
    images = np.random.default_rng(4).integers(0, 256, (2, 6, 6, 3), dtype=np.uint8)
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    result = model(pixels)
    wanted = result if kind is dict else result._asdict()
    found = edgebin.load(path).run(images, outputs=["boxes", "scores"])
    for name in ("scores", "boxes"):
        exact = wanted[name].detach().numpy()
        shape = found[name].shape
        exact = exact.transpose(0, 2, 3, 1) if exact.ndim == 4 else exact
        np.testing.assert_allclose(found[name], exact.reshape(shape), rtol=0, atol=1e-5)


def _holding_a_lock() -> nn.Module:
    model = nn.Sequential(nn.Conv2d(3, 2, 1))
    model.lock = threading.Lock()  # type: ignore[assignment]
    return model


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "rank": ({"example": torch.zeros(3, 8, 8)}, r"shape \(N, C, H, W\), found float32 \(3, 8, 8\)"),
    "dtype": ({"example": torch.zeros(1, 3, 8, 8, dtype=torch.uint8)}, "found uint8"),
    "mean": ({"preprocessing": Preprocessing((0.5,), (1.0,))}, "mean: expected 3 values"),
    "model": ({"model": len}, "model: expected a Module, found builtin_function_or_method"),
    "example": ({"example": np.zeros((1, 3, 8, 8))}, "example: expected a Tensor, found ndarray"),
    "input size": (
        {"preprocessing": Preprocessing((0.5,) * 3, (1.0,) * 3, input_size=16)},
        "example: expected 16x16 pixels, the input_size of the preprocessing, found 10x14",
    ),
    "plain dict": ({"preprocessing": {}}, "preprocessing: expected a Preprocessing, found dict"),
    "a string": ({"labels": "abc"}, "labels: expected a list of strings, found str"),
    "numbers": ({"labels": [1, 2, 3]}, "labels: expected strings, found 1"),
    "few": ({"labels": ["a"]}, "labels: expected 3, one per channel .*, found 1"),
    "no pixels": ({"example": torch.zeros(1, 3, 0, 8)}, r"found float32 \(1, 3, 0, 8\)"),
    "name": ({"name": 5}, "name: expected a str, found int"),
    "hook": ({"model": _holding_a_lock()}, "copy.deepcopy can copy, found: cannot pickle"),
    "meta": ({"model": nn.Conv2d(3, 2, 1, device="meta")}, "found some on the device meta"),
    "first": ({"first": "binary"}, "first: expected int8 or float32, found 'binary'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_arguments_leave_no_file(name: str, tmp_path: Path) -> None:
    changed, message = REFUSED[name]
    arguments = {"model": _model(), "example": EXAMPLE, **changed}
    with pytest.raises(ExportError, match=message):
        edgebin.export(path=tmp_path / "m.ebn", **arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", [None, 3, "a\0b", "a\ud800b"])
def test_a_path_that_is_none_is_refused_before_anything_else(path: Any) -> None:
    with pytest.raises(ExportError, match="path: expected that of a file to write, found"):
        edgebin.export(_model(), EXAMPLE, path)


def test_refused_network_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "m.ebn"
    path.write_bytes(b"old")
    with pytest.raises(ExportError, match="mish"):
        edgebin.export(nn.Sequential(nn.Conv2d(3, 2, 1), nn.Mish()), EXAMPLE, path)
    assert path.read_bytes() == b"old"


def test_untrained_is_the_same_for_the_same_seed() -> None:
    state = [untrained("resnet20", seed, width=0.25).model.state_dict() for seed in (1, 1, 2)]
    same = [torch.equal(state[0][key], state[1][key]) for key in state[0]]
    other = [torch.equal(state[0][key], state[2][key]) for key in state[0]]
    assert all(same)
    assert not all(other)


def _cli(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_command_exports_an_untrained_network(tmp_path: Path) -> None:
    path = tmp_path / "r.ebn"
    arguments = ["export", "--arch", "resnet20", "--width", "0.25", "--classes", "7", "-o"]
    assert _cli(*arguments, str(path)) == 0
    assert read(path).name == "r"
    assert len(read(path).labels) == 7


@pytest.mark.parametrize("kind", ["float32", "int8"])
def test_the_command_tells_what_it_rounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    options = check_options("resnet20", {"width": 0.25, "first": kind, "last": "float32"})
    network = build("resnet20", **options)
    random = torch.get_rng_state()
    labels = tuple(f"class {index}" for index in range(10))
    preprocessing = Preprocessing((0.5,) * 3, (0.25,) * 3, resize=32, input_size=32)
    recipe = {"network": {"name": "resnet20"}}
    source = tmp_path / "c.pt"
    checkpoint.save_checkpoint(
        source,
        checkpoint.Checkpoint(
            "resnet20",
            options,
            labels,
            preprocessing,
            recipe,
            1,
            1,
            network.state_dict(),
            {},
            random,
            random,
        ),
    )
    arguments = ["export", str(source), "-o", str(tmp_path / "c.ebn"), "--no-self-test"]
    assert _cli(*arguments) == 0
    *told, layers, images, last = (
        line for line in capsys.readouterr().out.splitlines() if not line.startswith("float32 w")
    )
    assert layers == "c: 18 of 20 layers with weights are binary"
    assert images == "takes rgb images of 32x32 pixels, 3 channels"
    assert last.endswith("no fingerprint")
    assert told == [
        f"{end} layer: float32 weights rounded to int8; --{end} float32 keeps them"
        for end, found in (("first", kind), ("last", "float32"))
        if found == "float32"
    ]
    assert _cli(*arguments, "--first", "float32", "--last", "float32") == 0
    assert "rounded" not in capsys.readouterr().out


def test_a_fingerprint_is_stored_unless_it_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.ebn"
    arguments = ["export", "--arch", "resnet20", "--width", "0.25", "-o", str(path)]
    assert _cli(*arguments) == 0
    assert capsys.readouterr().out.endswith(" bytes, fingerprint of 2 images\n")
    tested = read(path)
    assert edgebin.verify(path, threads=2).exact
    assert _cli(*arguments, "--no-self-test") == 0
    assert capsys.readouterr().out.endswith(" bytes, no fingerprint\n")
    assert read(path).self_test == ()
    values = 1 + len(tested.graph.nodes)
    assert len(encode(tested)) - path.stat().st_size <= 2 * 4 * (1 + values) + 64
    network = edgebin.export(_model(), EXAMPLE, path, self_test=False)
    assert network.self_test == read(path).self_test == ()
    assert len(edgebin.export(_model(), EXAMPLE, path).self_test) == 2


BAD_COMMANDS = {
    "neither": (["export", "-o", "x.ebn"], "a checkpoint, --arch or both, found neither"),
    "no weights": (["export", "c.pt", "--arch", "resnet20", "-o", "x.ebn"], "found no such file"),
    "seed of weights": (
        ["export", "c.pt", "--arch", "resnet20", "--seed", "1", "-o", "x.ebn"],
        "only for an untrained network",
    ),
    "mean alone": (
        ["export", "c.pt", "--arch", "resnet20", "--mean", "0.5,0.5,0.5", "-o", "x.ebn"],
        "--mean, --std: expected both or neither, found one",
    ),
    "mean of a checkpoint": (["export", "c.pt", "--mean", "0,0,0", "-o", "x.ebn"], "only with w"),
    "no mean": (
        ["export", "c.pt", "--arch", "resnet20", "--mean", "a,b", "--std", "1", "-o", "x.ebn"],
        "expected numbers separated by commas",
    ),
    "no such arch": (["export", "--arch", "lenet", "-o", "x.ebn"], "found 'lenet'"),
    "kind": (
        ["export", "--arch", "resnet20", "--first", "int4", "-o", "x.ebn"],
        "'int4'; did you mean int8?",
    ),
    "binary checkpoint": (["export", "c.pt", "--last", "binary", "-o", "x.ebn"], "'binary'"),
    "missing": (["export", "c.pt", "-o", "x.ebn"], "c.pt"),
    "seed too": (["export", "c.pt", "--seed", "2", "-o", "x.ebn"], "only with --arch"),
    "no output": (["export", "--arch", "resnet20", "--width", "0.1", "-o", ""], "a folder or a de"),
    "width": (["export", "c.pt", "--width", "2", "-o", "x.ebn"], "only with --arch"),
    "seed": (["export", "--arch", "resnet20", "--seed", "9" * 20, "-o", "x.ebn"], "--seed"),
    "classes": (["export", "--arch", "resnet20", "--classes", "1000000000", "-o", "x.ebn"], "--cl"),
    "size": (["export", "--arch", "resnet20", "--input-size", "999999", "-o", "x.ebn"], "--input"),
    "folder": (
        ["export", "--arch", "resnet20", "--width", "0.1", "-o", "none/x.ebn"],
        "none/x.ebn",
    ),
}


@pytest.mark.parametrize("name", BAD_COMMANDS)
def test_bad_commands_end_in_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, message = BAD_COMMANDS[name]
    monkeypatch.chdir(tmp_path)
    assert _cli(*arguments) == 2
    stderr = capsys.readouterr().err
    assert message in stderr.replace("\n", " ")
    assert "Traceback" not in stderr
    assert not list(tmp_path.iterdir())
