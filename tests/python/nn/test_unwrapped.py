"""Networks as users hold them: unwrapped or baked in, exported, and left as they were."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune
from torch.optim.swa_utils import AveragedModel

import edgebin
from edgebin.nn.unwrapped import unwrapped

X = torch.zeros(1, 3, 8, 8)


def small() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)),
    ).eval()


def _weight_norm() -> nn.Module:
    network = small()
    parametrizations.weight_norm(network[0])
    parametrizations.weight_norm(network[6])
    return network


def _old_weight_norm() -> nn.Module:
    network = small()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.nn.utils.weight_norm(network[2])
    network(torch.rand(2, 3, 8, 8))  # now the weight carries a gradient
    return network


def _spectral_norm() -> nn.Module:
    network = small()
    parametrizations.spectral_norm(network[2])
    network.train()(torch.rand(4, 3, 8, 8))
    return network.eval()


def _old_spectral_norm() -> nn.Module:
    network = small()
    torch.nn.utils.spectral_norm(network[2])
    network.train()(torch.rand(4, 3, 8, 8))
    return network.eval()


def _pruned() -> nn.Module:
    network = small()
    prune.random_unstructured(network[0], "weight", 0.5)  # type: ignore[no-untyped-call]
    prune.l1_unstructured(network[2], "weight", 0.5)  # type: ignore[no-untyped-call]
    prune.l1_unstructured(network[2], "bias", 2)  # type: ignore[no-untyped-call]
    network(torch.rand(2, 3, 8, 8))
    return network


def _compiled(module: nn.Module) -> nn.Module:
    compiled = torch.compile(module, backend="eager")
    assert isinstance(compiled, nn.Module)
    return compiled


def _compiled_inside() -> nn.Module:
    network = small()
    network[2] = _compiled(network[2])
    return network


def _compiled_in_place() -> nn.Module:
    network = small()
    network.compile(backend="eager")
    return network


WRAPPED: dict[str, Callable[[], nn.Module]] = {
    "weight norm": _weight_norm,
    "weight norm by a hook": _old_weight_norm,
    "spectral norm": _spectral_norm,
    "spectral norm by a hook": _old_spectral_norm,
    "pruned": _pruned,
    "half": lambda: small().half(),
    "bfloat16": lambda: small().bfloat16(),
    "double": lambda: small().double(),
    "compiled": lambda: _compiled(small()),
    "compiled in place": _compiled_in_place,
    "compiled inside": _compiled_inside,
    "DataParallel": lambda: nn.DataParallel(small()),
    "compiled DataParallel": lambda: _compiled(nn.DataParallel(small())),
    "averaged": lambda: AveragedModel(small()),
    "channels last": lambda: small().to(memory_format=torch.channels_last),  # type: ignore[call-overload]
}


def _reference(model: nn.Module, x: Tensor) -> Tensor:
    kind = next(model.parameters()).dtype
    with torch.no_grad():
        result: Tensor = model(x.to(kind))
    return result.float()


@pytest.mark.parametrize("name", WRAPPED)
def test_the_file_computes_what_the_wrapped_network_does(name: str, tmp_path: Path) -> None:
    model = WRAPPED[name]()
    kept = {key: value.clone() for key, value in model.state_dict().items()}
    classes = [type(module) for module in model.modules()]
    path = tmp_path / "m.ebn"
    edgebin.export(model, X, path, first="float32", last="float32")
    pixels = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), np.uint8)
    wanted = _reference(model, torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255)
    tolerance = {"half": 2e-3, "bfloat16": 2e-2}.get(name, 1e-5)
    np.testing.assert_allclose(edgebin.load(path).run(pixels), wanted.numpy(), atol=tolerance)
    assert model.state_dict().keys() == kept.keys()
    assert all(torch.equal(value, kept[key]) for key, value in model.state_dict().items())
    assert [type(module) for module in model.modules()] == classes
    _reference(model, torch.rand(2, 3, 8, 8))  # it still runs


@pytest.mark.parametrize("name", WRAPPED)
def test_layers_have_the_names_of_the_network_inside(name: str) -> None:
    names = dict(unwrapped(WRAPPED[name]()).named_parameters())
    assert names.keys() == dict(small().named_parameters()).keys()
    assert {value.dtype for value in names.values()} == {torch.float32}


@pytest.mark.parametrize("name", ["weight norm", "pruned", "compiled", "half", "DataParallel"])
def test_they_are_converted_with_binary_layers(name: str) -> None:
    conversion = edgebin.convert(WRAPPED[name](), torch.rand(8, 3, 8, 8))
    assert {row.name: row.became for row in conversion.layers}["2"] == "BinaryConv2d"


def test_ddp_is_unwrapped(tmp_path: Path) -> None:
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{tmp_path / 'meet'}", rank=0, world_size=1
    )
    try:
        model = nn.parallel.DistributedDataParallel(small())
        assert edgebin.check_export(model, X) == ()
        assert list(dict(unwrapped(model).named_children())) == list("0123456")
    finally:
        torch.distributed.destroy_process_group()


class FrozenBatchNorm2d(nn.Module):
    """As torchvision has it, by name and buffers."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.eps = 1e-3
        for name in ("weight", "bias", "running_mean", "running_var"):
            self.register_buffer(name, torch.rand(channels) + 0.5)

    def forward(self, x: Tensor) -> Tensor:
        w, b, mean, var = (buffer.reshape(1, -1, 1, 1) for buffer in self.buffers())
        scale = w * (var + self.eps).rsqrt()
        return x * scale + (b - mean * scale)


def test_a_frozen_batch_norm_becomes_one_that_takes_a_scale_in() -> None:
    model = nn.Sequential(
        *(nn.Conv2d(3, 8, 3), FrozenBatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)),
    ).eval()
    x = torch.rand(4, 3, 8, 8)
    thawed = unwrapped(model)
    assert isinstance(thawed[1], nn.BatchNorm2d)  # type: ignore[index]
    torch.testing.assert_close(thawed(x), model(x))
    rows = {row.became: row.why for row in edgebin.convert(model, x).layers}
    assert rows["HWGQ"] == 'for binary layers; its scale is folded into "1"'


def _traced(model: nn.Module) -> nn.Module:
    program: nn.Module = torch.jit.trace(model, X)  # type: ignore[no-untyped-call]
    return program


@pytest.mark.parametrize("make", [torch.jit.script, _traced])
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_a_program_inside_a_module_is_refused_with_the_way_out(
    make: Callable[[nn.Module], nn.Module], capfd: pytest.CaptureFixture[str]
) -> None:
    model = nn.Sequential(make(small())).eval()
    for call in (
        lambda: edgebin.export(model, X, "never.ebn"),
        lambda: edgebin.convert(model, torch.rand(4, 3, 8, 8)),
    ):
        with pytest.raises(edgebin.ExportError, match=r"TorchScript program.*load_state_dict"):
            call()
    assert capfd.readouterr().err == ""


def test_lazy_layers_without_weights_are_refused() -> None:
    with pytest.raises(edgebin.ExportError, match=r"lazy layers .*one call of the network"):
        edgebin.export(nn.Sequential(nn.LazyConv2d(4, 3)), X, "never.ebn")
