"""What capture makes of each supported call, held against PyTorch in float64."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.errors import ExportError
from edgebin.exporter import dialect
from edgebin.exporter.capture import capture
from edgebin.exporter.check import check_capture
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn import HWGQ, BinaryConv2d, BinaryLinear, Int8Conv2d, Int8Linear, hwgq
from graphs.dialect_graphs import EVEN, UNEVEN, captured, ops


class Of(nn.Module):
    """A module from layers and a function over them, which are named a, b, c ..."""

    def __init__(self, function: Callable[..., object], *layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, layer in zip("abcdef", layers, strict=False):
            self.add_module(name, layer)
        self.layers = len(layers)

    def forward(self, x: Tensor) -> object:
        """Call the function with the layers and the input."""
        return self.function(x, *(self.get_submodule(name) for name in "abcdef"[: self.layers]))


MODULES: dict[str, nn.Module] = {
    "conv": nn.Conv2d(3, 5, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
    "conv same": nn.Conv2d(3, 4, (3, 5), padding="same", dilation=2, bias=False),
    "conv valid": nn.Conv2d(3, 4, 3, padding="valid"),
    "conv grouped": nn.Sequential(nn.Conv2d(3, 6, 1), nn.Conv2d(6, 9, 3, groups=3)),
    "depthwise": nn.Conv2d(3, 6, 3, groups=3, padding=1),
    "int8 conv": Int8Conv2d(3, 4, 3, padding=1),
    "binary conv": BinaryConv2d(3, 4, 3, stride=2, bias=True),
    "hwgq": nn.Sequential(nn.Conv2d(3, 4, 3), HWGQ()),
    "hwgq nearest": nn.Sequential(nn.Conv2d(3, 4, 3), HWGQ(thresholds="nearest")),
    "batch norm": nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 2, 3)),
    "batch norm plain": nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, affine=False)),
    "linear": nn.Sequential(nn.Flatten(), nn.Linear(3 * 12 * 12, 7), nn.BatchNorm1d(7)),
    "int8 linear": nn.Sequential(nn.Flatten(), Int8Linear(3 * 12 * 12, 7)),
    "binary linear": nn.Sequential(nn.Flatten(), BinaryLinear(3 * 12 * 12, 7)),
    "relu in place": nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True)),
    "max pool": nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(3, 2, 1)),
    "max pool ceil": nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(3, 2, ceil_mode=True)),
    "max pool ceil wide": nn.Sequential(nn.Conv2d(3, 4, 2), nn.MaxPool2d(2, 3, ceil_mode=True)),
    "max pool dilated": nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2, 1, dilation=2)),
    "avg pool": nn.Sequential(nn.Conv2d(3, 4, 3), nn.AvgPool2d(3, 2, 1)),
    "avg pool excluding": nn.AvgPool2d((3, 2), (2, 1), (1, 1), count_include_pad=False),
    "global avg": nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    "adaptive avg even": nn.AdaptiveAvgPool2d((3, 4)),
    "adaptive avg uneven": nn.AdaptiveAvgPool2d((5, 7)),
    "adaptive max": nn.Sequential(nn.Conv2d(3, 4, 2), nn.AdaptiveMaxPool2d((5, 11))),
    "softmax": nn.Sequential(nn.Flatten(), nn.Linear(432, 5), nn.Softmax(dim=1)),
    "dropout": nn.Sequential(nn.Conv2d(3, 4, 3), nn.Dropout(), nn.Identity(), nn.Dropout2d()),
    "mean": Of(lambda x, a: a(x).mean((2, 3)), nn.Conv2d(3, 4, 3)),
    "mean keepdim": Of(lambda x, a: a(x).mean((-1, -2), keepdim=True), nn.Conv2d(3, 4, 3)),
    "add": Of(lambda x, a, b: a(x) + b(x), nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)),
    "add itself": Of(lambda x, a: (y := a(x)) + y, nn.Conv2d(3, 4, 3)),
    "cat": Of(lambda x, a, b: torch.cat([a(x), b(x)], -3), nn.Conv2d(3, 4, 3), nn.Conv2d(3, 2, 3)),
    "view": Of(lambda x, a: a(x.view(x.size(0), -1)), nn.Linear(432, 3)),
    "squeeze": Of(lambda x, a: a(F.adaptive_avg_pool2d(x, 1).squeeze((2, 3))), nn.Linear(3, 3)),
    "two outputs": Of(lambda x, a: (a(x), F.relu(a(x))), nn.Conv2d(3, 4, 3)),
}


@pytest.mark.parametrize("preprocessing", [EVEN, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize("name", MODULES)
def test_capture_computes_what_torch_computes(name: str, preprocessing: Preprocessing) -> None:
    model = MODULES[name]
    graph = captured(model, preprocessing=preprocessing)
    check_capture(model, graph, preprocessing)


def test_in_place_result_is_what_later_readers_see() -> None:
    def function(x: Tensor, conv: nn.Module) -> Tensor:
        y: Tensor = conv(x)
        z = F.relu(y, inplace=True)
        return z + y

    model = Of(function, nn.Conv2d(3, 4, 3))
    check_capture(model, captured(model), EVEN)


def test_dropout_and_identity_leave_no_node() -> None:
    assert ops(captured(MODULES["dropout"])) == ["normalize", "conv"]


def test_nodes_are_named_after_modules() -> None:
    graph = captured(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()))
    assert [node.name for node in graph.nodes] == ["normalize", "0", "1"]


def test_check_finds_a_capture_that_differs() -> None:
    model = nn.Conv2d(3, 4, 3)
    graph = captured(model)
    model.weight.data[0, 0, 0, 0] += 0.01
    with pytest.raises(ExportError, match="expected what PyTorch computes"):
        check_capture(model, graph, EVEN)


@pytest.mark.parametrize("seed", range(4))
def test_sums_that_tie_with_a_threshold_do_not_count_as_a_difference(seed: int) -> None:
    """With fresh batch norms the sums of binary weights are often 0, the first threshold."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.BatchNorm2d(8),
        HWGQ(),
        BinaryConv2d(8, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        HWGQ(),
        BinaryConv2d(8, 8, 3, bias=False),
        HWGQ(),
    ).eval()
    check_capture(model, capture(model, torch.zeros(1, 3, 12, 12), EVEN), EVEN)


def test_modules_may_have_the_names_that_capture_gives() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.image = nn.Conv2d(3, 4, 3)
            self.normalize = nn.BatchNorm2d(4)

        def forward(self, x: Tensor) -> Tensor:
            y: Tensor = self.normalize(self.image(x))
            return y

    model = Named()
    graph = captured(model)
    check_capture(model, graph, EVEN)
    names = [graph.input_name, *(node.name for node in graph.nodes)]
    assert len(set(names)) == len(names)


def test_model_keeps_its_mode_and_weights() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    capture(model, torch.zeros(1, 3, 8, 8), EVEN)
    assert model.training
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


REFUSED: dict[str, tuple[nn.Module, str]] = {
    "sigmoid": (nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sigmoid()), 'module "1".*sigmoid.*HWGQ'),
    "group norm": (nn.Sequential(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4)), 'module "1".*BatchNorm'),
    "transposed": (nn.ConvTranspose2d(3, 4, 3), "conv_transpose2d.*Conv2d"),
    "even same": (nn.Conv2d(3, 4, 2, padding="same"), "one-sided.*odd kernel"),
    "reflect": (nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"), "pad.*padding"),
    "log softmax": (nn.Sequential(nn.Flatten(), nn.LogSoftmax(1)), 'module "1".*Softmax'),
    "softmax over rows": (nn.Softmax(dim=2), "softmax over dimension 2.*channels"),
    "no statistics": (nn.BatchNorm2d(3, track_running_stats=False), "track_running_stats"),
    "linear on rows": (nn.Linear(12, 3), "flatten"),
    "divisor": (nn.AvgPool2d(2, divisor_override=3), "divisor_override"),
    "avg ceil": (nn.AvgPool2d(5, 3, ceil_mode=True), "ceil_mode=False"),
    "add scalar": (Of(lambda x, a: a(x) + 1, nn.Conv2d(3, 4, 3)), "constant 1 as 'other'"),
    "broadcast": (Of(lambda x: x + x.mean((2, 3), keepdim=True)), "equal shapes"),
    "scaled add": (Of(lambda x: torch.add(x, x, alpha=2)), "alpha=1"),
    "permute": (Of(lambda x: x.permute(0, 2, 3, 1)), "permute.*flatten"),
    "slice": (Of(lambda x: x[:, :2]), "slice.*channels"),
    "cat of rows": (Of(lambda x: torch.cat([x, x], 2)), "dimension 2.*channels"),
    "reshape": (Of(lambda x: x.reshape(1, 12, 12, 3)), "reshape.*flatten"),
    "constant": (Of(lambda x, a: x + a.weight, nn.Linear(12, 12)), "activation"),
    "nothing": (Of(lambda x: torch.zeros(1, 3)), "zeros"),
    "a parameter": (Of(lambda x, a: a.weight, nn.Linear(2, 2)), "does not depend"),
    "float32 only": (Of(lambda x, a: a(x.half().float()), nn.Conv2d(3, 2, 1)), "float16"),
    "recurrent": (
        Of(lambda x, a: a(x.flatten(1))[0], nn.LSTM(432, 2)),
        'module "a": found torch.nn.LSTM.*convolutions',
    ),
    "dictionary": (Of(lambda x: {"y": F.relu(x)}), "expected a tensor or a tuple.*found dict"),
    "nothing beside": (Of(lambda x: (F.relu(x), None)), "expected activations, found None"),
    "twice": (Of(lambda x: (y := F.relu(x), y)), "expected each once.*twice"),
    "our padding": (
        nn.Sequential(nn.ReLU(), BinaryConv2d(3, 4, 3, padding=1, padding_mode="reflect")),
        'module "1": found padding_mode .reflect.*zeros',
    ),
    "our even same": (
        nn.Sequential(nn.ReLU(), Int8Conv2d(3, 4, 2, padding="same")),
        'module "1": found padding .same.*one-sided.*odd kernel',
    ),
    "data dependent": (Of(lambda x: x if x.sum() > 0 else -x), "torch.export"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_runtime_lacks_is_refused_in_one_line(name: str) -> None:
    model, message = REFUSED[name]
    with pytest.raises(ExportError, match=message) as caught:
        check_capture(model, captured(model), EVEN)
    assert "\n" not in str(caught.value)


def test_the_levels_of_a_file_are_those_of_training() -> None:
    assert dialect.STEP == hwgq.STEP


def test_a_batch_norm_that_divides_by_nothing_is_refused() -> None:
    model = nn.BatchNorm2d(3, eps=0.0).eval()
    assert model.running_var is not None
    model.running_var[1] = 0.0
    with pytest.raises(ExportError, match="variance and an eps of 0"):
        capture(model, torch.zeros(1, 3, 8, 8), EVEN)


@pytest.mark.parametrize("parameter", ["weight", "bias"])
@pytest.mark.parametrize("value", [torch.inf, torch.nan])
def test_parameters_that_are_not_finite_are_refused(parameter: str, value: float) -> None:
    model = nn.Conv2d(3, 4, 3)
    getattr(model, parameter).data.view(-1)[2] = value
    with pytest.raises(ExportError, match=f"a {parameter} that is not finite"):
        captured(model)
