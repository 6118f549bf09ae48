"""State dicts and safetensors of a known network: taken by `edgebin export --arch`."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import edgebin
from edgebin.cli.app import main
from edgebin.errors import CheckpointError
from edgebin.nn.networks import build
from edgebin.sources import from_weights
from edgebin.sources.weights import read_weights
from training.safetensors_files import saved

PLAIN = edgebin.Preprocessing((0.0,) * 3, (1.0,) * 3)
State = Mapping[str, Tensor]


def _network(**options: object) -> nn.Module:
    torch.manual_seed(2)
    network = build("resnet20", width=0.25, num_classes=7, **options)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            module.running_mean.normal_()
    return network.eval()


def _torch(value: object, *, legacy: bool = False) -> bytes:
    contents = io.BytesIO()
    torch.save(value, contents, _use_new_zipfile_serialization=not legacy)
    return contents.getvalue()


def _prefixed(state: State, prefix: str) -> dict[str, Tensor]:
    return {prefix + name: value for name, value in state.items()}


HELD: dict[str, Callable[[State], bytes]] = {
    "state dict": _torch,
    "before 1.6": lambda state: _torch(state, legacy=True),
    "safetensors": lambda state: saved(dict(state)),
    "of DataParallel": lambda state: _torch(_prefixed(state, "module.")),
    "of a compiled network in DDP": lambda state: _torch(_prefixed(state, "module._orig_mod.")),
    "of Lightning": lambda state: _torch(
        {"pytorch-lightning_version": "2", "state_dict": _prefixed(state, "model."), "epoch": 1}
    ),
    "of a training": lambda state: _torch({"model": state, "optimizer": {"lr": 0.1}, "epoch": 4}),
    "of a training before 1.6": lambda state: _torch({"net": state, "acc": 91.2}, legacy=True),
}


@pytest.mark.parametrize("name", HELD)
@pytest.mark.parametrize("affine", [False, True])
def test_the_network_is_the_one_that_was_saved(name: str, affine: bool, tmp_path: Path) -> None:
    network = _network(affine=affine)
    (tmp_path / "w").write_bytes(HELD[name](network.state_dict()))
    source = from_weights(tmp_path / "w", "resnet20", PLAIN, width=0.25)
    images = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(source.model(images), network(images))
    assert source.example.shape == (1, 3, 32, 32)


def test_the_command_takes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = _network()
    (tmp_path / "signs.safetensors").write_bytes(saved(network.state_dict()))
    (tmp_path / "names.txt").write_text("\ufeffa\nb\nc\nd\n\ne\nf\ng\n", encoding="utf-8")
    arguments = [
        *("export", str(tmp_path / "signs.safetensors"), "--arch", "resnet20", "--width", "0.25"),
        *("--mean", "0.5,0.4,0.3", "--std", "0.2,0.2,0.2", "-o", str(tmp_path / "signs.ebn")),
        *("--labels", str(tmp_path / "names.txt")),
    ]
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert "signs: 18 of 20 layers with weights are binary" in capsys.readouterr().out
    model = edgebin.load(tmp_path / "signs.ebn")
    assert model.labels == tuple("abcdefg")
    np.testing.assert_allclose(model.preprocessing.mean, (0.5, 0.4, 0.3), rtol=1e-6)


@pytest.mark.parametrize(
    ("labels", "message"),
    [(None, "No such file"), (b"\xff\xfe", "text in UTF-8"), (b"a\nb\n", "expected 7, one per")],
)
def test_labels_that_do_not_fit_are_one_line(
    labels: bytes | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "w.pth").write_bytes(_torch(_network().state_dict()))
    if labels is not None:
        (tmp_path / "names.txt").write_bytes(labels)
    arguments = ["export", str(tmp_path / "w.pth"), "--arch", "resnet20", "--width", "0.25"]
    options = ["--labels", str(tmp_path / "names.txt"), "-o", str(tmp_path / "w.ebn")]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, *options])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "w.ebn").exists()


@pytest.mark.parametrize("kind", ["int8", "float32"])
def test_the_first_layer_of_weights_is_rounded_as_of_a_training(kind: str, tmp_path: Path) -> None:
    """So that it reads raw pixels whatever the deviation of each channel was."""
    (tmp_path / "w.pth").write_bytes(_torch(_network().state_dict()))
    arguments = ["export", str(tmp_path / "w.pth"), "--arch", "resnet20", "--width", "0.25"]
    images = ["--mean", "0.4,0.5,0.6", "--std", "0.2,0.25,0.3", "--first", kind]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, *images, "-o", str(tmp_path / "w.ebn")])
    assert ended.value.code == 0
    first = edgebin.load(tmp_path / "w.ebn").layers[0]
    assert first.op == ("conv" if kind == "int8" else "affine")


BAD: dict[str, tuple[object, str]] = {
    "list": ([torch.zeros(3)], "expected names and tensors, found list"),
    "nothing": ({}, "expected names and tensors, found nothing"),
    "text": ({"a": "text"}, "a: expected a tensor, found str"),
    "number": ({1: torch.zeros(3)}, "expected printable names"),
    "infinite": ({"a": torch.tensor([torch.inf])}, "a: expected finite numbers"),
    "others": ({"a": torch.zeros(3)}, "the weights do not fit resnet20: a: expected none, found"),
    "ours": ({"format": "edgebin-checkpoint"}, "the command without --arch"),
    "module": (nn.ReLU(), "found a whole network, pickled"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("legacy", [False, True])
def test_what_does_not_fit_is_one_line(name: str, legacy: bool, tmp_path: Path) -> None:
    value, message = BAD[name]
    (tmp_path / "w").write_bytes(_torch(value, legacy=legacy))
    with pytest.raises(CheckpointError) as caught:
        from_weights(tmp_path / "w", "resnet20", PLAIN)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_width_is_named(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(_torch(_network().state_dict()))
    with pytest.raises(CheckpointError, match=r"--width and --input-size change the network"):
        from_weights(tmp_path / "w", "resnet20", PLAIN)


def test_a_file_before_1_6_may_not_claim_more_than_it_has(tmp_path: Path) -> None:
    sound = _torch({"w": torch.zeros(300)}, legacy=True)
    assert sound.count(b"M,\x01") >= 1  # 300, as a pickle has it
    (tmp_path / "w").write_bytes(sound.replace(b"M,\x01", b"J\xff\xff\xff\x7f"))
    with pytest.raises(CheckpointError, match=r"damaged: expected tensors of at most"):
        read_weights(tmp_path / "w")


@pytest.mark.parametrize("legacy", [False, True])
def test_damaged_files_are_read_or_refused_in_one_line(legacy: bool, tmp_path: Path) -> None:
    sound = _torch({"w": torch.zeros(4, 3), "b": torch.ones(4)}, legacy=legacy)
    chance = random.Random(4)
    path = tmp_path / "w"
    for attempt in range(300):
        contents = bytearray(sound)
        if attempt % 3 == 0:
            del contents[chance.randrange(len(contents)) :]
        else:
            for _ in range(chance.randint(1, 4)):
                contents[chance.randrange(len(contents))] = chance.randrange(256)
        path.write_bytes(bytes(contents))
        try:
            found = read_weights(path)
        except CheckpointError as error:
            assert "\n" not in str(error)
            continue
        assert sum(tensor.nbytes for tensor in found.values()) <= len(sound)


def test_missing_files_and_devices_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="expected weights, found no such file"):
        read_weights(tmp_path / "w")
    with pytest.raises(CheckpointError):
        read_weights(Path("/dev/zero"))
