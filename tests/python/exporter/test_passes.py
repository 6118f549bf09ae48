"""Each pass alone: its ensures, and that the graph computes the same reals as before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from torch import Tensor, nn

from edgebin.exporter.dialect import reals
from edgebin.exporter.passes.drop_unread import drop_unread
from edgebin.exporter.passes.even_normalize import even_normalize
from edgebin.exporter.passes.fold_batch_norm import fold_batch_norm
from edgebin.exporter.passes.fold_flatten import fold_flatten
from edgebin.exporter.passes.fold_image_affine import fold_image_affine
from edgebin.exporter.passes.fold_normalize import fold_normalize
from edgebin.exporter.passes.fold_pad import fold_pad
from edgebin.exporter.passes.fuse_thresholds import fuse_thresholds
from edgebin.exporter.passes.lower_heads import lower_heads
from edgebin.exporter.passes.quantize import quantize
from edgebin.exporter.passes.quantize_ends import quantize_ends
from edgebin.exporter.passes.raise_batch_norm import raise_batch_norm
from edgebin.exporter.passes.raise_quantize import raise_quantize
from edgebin.exporter.passes.sink_dequantize import sink_dequantize
from edgebin.exporter.passes.store import round_down, store
from edgebin.graph.ir import CONSTANT_DTYPES, Graph, Node
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn import HWGQ, BinaryConv2d, BinaryLinear, Int8Conv2d
from graphs.dialect_graphs import EVEN, UNEVEN, captured, images, ops, outputs, same_reals


class Residual(nn.Module):
    """A batch norm with two readers, a concatenation, a max-pool of codes and a flatten."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.act = HWGQ()
        self.conv = BinaryConv2d(6, 6, 3, padding=1, groups=2, bias=True)
        self.norm2 = nn.BatchNorm2d(6)
        self.pool = nn.MaxPool2d(2)
        self.fc = BinaryLinear(6 * 36, 5)
        self.norm3 = nn.BatchNorm1d(5)
        self.out = nn.Linear(5, 4)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, 4) of images (N, 3, 12, 12)."""
        z = self.norm(self.stem(x))
        y = self.conv(self.act(z)) + z
        codes = self.pool(self.act(self.norm2(y)))
        y = self.fc(codes.flatten(1))
        result: Tensor = self.out(self.act(self.norm3(y)))
        return result


def _chain(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), HWGQ(), *layers)


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "residual": Residual,
    "conv norm act": lambda: _chain(BinaryConv2d(6, 5, 3), nn.BatchNorm2d(5), HWGQ()),
    "conv act": lambda: _chain(BinaryConv2d(6, 5, 3, bias=True), HWGQ(), nn.Conv2d(5, 3, 1)),
    "conv pool norm act": lambda: _chain(
        BinaryConv2d(6, 5, 3), nn.MaxPool2d(2), nn.BatchNorm2d(5), HWGQ(), BinaryConv2d(5, 4, 1)
    ),
    "conv norm pool act": lambda: _chain(
        BinaryConv2d(6, 5, 3), nn.BatchNorm2d(5), nn.MaxPool2d(2), HWGQ(), Int8Conv2d(5, 4, 1)
    ),
    "conv pool plain norm act": lambda: _chain(
        BinaryConv2d(6, 5, 3), nn.MaxPool2d(2), nn.BatchNorm2d(5, affine=False), HWGQ()
    ),
    "flatten norm": lambda: nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Flatten(), nn.BatchNorm1d(400), nn.ReLU(), nn.Linear(400, 3)
    ),
    "relu of codes": lambda: _chain(nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(6, 4, 1)),
    "conv norm nearest": lambda: _chain(
        BinaryConv2d(6, 5, 3), nn.BatchNorm2d(5), HWGQ(thresholds="nearest")
    ),
    "moved codes": lambda: _chain(
        *(nn.ZeroPad2d((1, 2, 0, 1)), BinaryConv2d(6, 6, 3), HWGQ(), nn.ChannelShuffle(3)),
        *(nn.Upsample(scale_factor=2), nn.ReflectionPad2d(1), BinaryConv2d(6, 4, 3)),
    ),
    "transposed norm": lambda: _chain(
        *(nn.ConvTranspose2d(6, 5, 3, 2, 1), nn.BatchNorm2d(5), nn.ReLU()),
        *(nn.ConvTranspose2d(5, 4, 2, 2), nn.BatchNorm2d(4), HWGQ(), BinaryConv2d(4, 3, 1)),
    ),
    "norm first": lambda: nn.Sequential(nn.BatchNorm2d(3), HWGQ(), BinaryConv2d(3, 4, 3)),
}

STEPS: dict[str, Callable[[Graph], Graph]] = {
    "fold_flatten": fold_flatten,
    "fold_pad": fold_pad,
    "raise_batch_norm": raise_batch_norm,
    "fold_batch_norm": fold_batch_norm,
    "even_normalize": even_normalize,
    "quantize": lambda graph: drop_unread(quantize(graph)),
    "raise_quantize": raise_quantize,
    "sink_dequantize": lambda graph: drop_unread(sink_dequantize(graph)),
    "fuse_thresholds": fuse_thresholds,
}


def _upto(name: str, graph: Graph) -> tuple[Graph, Graph]:
    """The graph before and after a step, the steps before it applied in order."""
    for step, function in STEPS.items():
        after = function(graph)
        if step == name:
            return graph, after
        graph = after
    raise KeyError(name)


@pytest.mark.parametrize("uneven", [False, True], ids=["even", "uneven"])
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("step", STEPS)
def test_pass_keeps_the_reals(step: str, network: str, uneven: bool) -> None:
    graph = captured(NETWORKS[network](), preprocessing=UNEVEN if uneven else EVEN)
    before, after = _upto(step, graph)
    # even_normalize rounds its weights to float32, which 1e-9 would not forgive.
    assert same_reals(before, after, 1e-5 if step == "even_normalize" and uneven else 1e-9)


def _through(network: str, last: str) -> Graph:
    return _upto(last, captured(NETWORKS[network]()))[1]


def test_fold_flatten_leaves_no_foreign_order() -> None:
    graph = _through("flatten norm", "fold_flatten")
    assert "flatten_chw" not in ops(graph)


def test_fold_flatten_transposes_where_something_else_than_a_layer_reads() -> None:
    graph = captured(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.ReLU()))
    folded = fold_flatten(graph)
    assert ops(folded) == ["normalize", "conv", "transpose", "flatten", "relu"]
    assert same_reals(graph, folded, 0.0)


def test_fold_batch_norm_leaves_those_before_thresholds_alone() -> None:
    graph = _through("residual", "fold_batch_norm")
    left = [node for node in graph.nodes if node.op == "batch_norm"]
    assert [node.name for node in left] == ["norm2"]
    assert all(user.op == "threshold" for node in left for user in graph.users(node.name))


def test_a_norm_with_two_readers_becomes_affine() -> None:
    graph = fold_batch_norm(captured(nn.Sequential(nn.BatchNorm2d(3), nn.ReLU())))
    assert ops(graph) == ["normalize", "affine", "relu"]


def test_quantize_leaves_no_threshold() -> None:
    for network in NETWORKS:
        assert not {"threshold", "batch_norm"} & set(ops(_through(network, "quantize")))


def test_pool_moves_behind_thresholds_where_gains_are_positive() -> None:
    moved = ops(_through("conv pool plain norm act", "fuse_thresholds"))
    assert moved[2:4] == ["conv", "quantize"] or moved.count("quantize") == 1
    assert moved.index("max_pool") > moved.index("quantize")
    graph = _through("conv pool plain norm act", "fuse_thresholds")
    layer = graph.node("3")
    assert "thresholds" in layer.constants
    assert graph.users("3")[0].op == "max_pool"


def test_pool_stays_before_a_negative_gain() -> None:
    graph = _through("conv pool norm act", "raise_quantize")
    pool = next(node for node in graph.nodes if node.op == "max_pool")
    assert graph.users(pool.name)[0].op == "quantize"
    assert (reals(graph.users(pool.name)[0], "sign") < 0).any()


def test_folded_negative_gains_flip_bits_and_pool_codes() -> None:
    graph = _through("conv norm pool act", "fuse_thresholds")
    assert "thresholds" in graph.node("3").constants
    assert graph.users("3")[0].op == "max_pool"


def test_fuse_thresholds_cuts_to_what_acc_can_reach() -> None:
    graph = _through("conv norm act", "fuse_thresholds")
    thresholds = graph.node("3").constants["thresholds"]
    row = 6 * 9
    assert thresholds.dtype == np.int16
    assert thresholds.min() >= -3 * row - 1
    assert thresholds.max() <= 3 * row
    assert (np.diff(thresholds.astype(int), axis=1) >= 0).all()
    # enliven() gives channel 0 a gain of zero: its code is constant, its thresholds at the ends.
    assert set(thresholds[0].tolist()) <= {-3 * row - 1, 3 * row}


def test_long_rows_need_wide_thresholds() -> None:
    weights = np.ones((1, 1, 1, 20_000), np.bool_)
    layer = {"weights": weights, "scale": np.ones(1), "bias": np.zeros(1)}
    rule = {"thresholds": np.array([[1.5, 40_000.5, 50_000.0]]), "sign": np.ones(1)}
    nodes = (
        Node("quantize", "codes", ("picture",), {}),
        Node("conv", "layer", ("codes",), layer),
        Node("quantize", "out", ("layer",), rule),
    )
    fused = fuse_thresholds(Graph.of_image("picture", (1, 1, 20_000), nodes, ("out",)))
    found = fused.node("layer").constants["thresholds"]
    assert found.dtype == np.int32
    assert found.tolist() == [[1, 40_000, 50_000]]
    assert fused.outputs == ("layer",)


def test_sink_dequantize_lets_products_read_codes() -> None:
    for network in NETWORKS:
        graph = _through(network, "sink_dequantize")
        makers = {node.name: node for node in graph.nodes}
        for node in graph.nodes:
            sources = [makers[name].op for name in node.inputs if name in makers]
            if node.op in ("conv", "linear") and node.constants["weights"].dtype != np.float32:
                assert "dequantize" not in sources
            if node.op in ("max_pool", "flatten", "relu"):
                assert "dequantize" not in sources


def test_what_moves_codes_reads_codes() -> None:
    graph = _through("moved codes", "sink_dequantize")
    assert ops(graph).count("pad") == 1, "the border of zeros is the convolution's"
    makers = {node.name: node for node in graph.nodes}
    for node in graph.nodes:
        if node.op in ("take_channels", "resize_nearest", "pad", "conv"):
            assert makers[node.inputs[0]].op != "dequantize"


def test_a_border_of_another_number_is_real() -> None:
    graph = captured(_chain(nn.ConstantPad2d(1, 0.5), BinaryConv2d(6, 5, 3)))
    before, after = _upto("sink_dequantize", graph)
    assert same_reals(before, after)
    (pad,) = (node for node in after.nodes if node.op == "pad")
    assert next(n for n in after.nodes if n.name == pad.inputs[0]).op == "dequantize"


def test_only_zeros_that_fit_become_padding() -> None:
    for wide, left in ((4095, 0), (4096, 1)):
        layers = (nn.ZeroPad2d((wide, 0, 0, 0)), nn.Conv2d(6, 5, 3, padding=1))
        assert ops(fold_pad(captured(_chain(*layers)))).count("pad") == left
    twice = _chain(nn.ZeroPad2d(1), nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(6, 5, 3))
    assert ops(fold_pad(captured(twice))).count("pad") == 0
    reflected = _chain(nn.ReflectionPad2d(1), nn.Conv2d(6, 5, 3))
    assert ops(fold_pad(captured(reflected))).count("pad") == 1


def test_norms_of_transposed_convolutions_are_folded() -> None:
    graph = _through("transposed norm", "fold_batch_norm")
    behind_layers = [node for node in graph.nodes if node.op in ("batch_norm", "affine")]
    assert len(behind_layers) == 0
    several = nn.Sequential(nn.ConvTranspose2d(3, 4, 2, 2), nn.ChannelShuffle(2), nn.BatchNorm2d(4))
    assert ops(raise_batch_norm(captured(several)))[-1] == "batch_norm"


def test_quantize_ends_rounds_only_what_it_should() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    graph = captured(network)
    kinds = {
        (first, last): [
            node.constants["weights"].dtype.name
            for node in quantize_ends(graph, first=first, last=last).nodes
            if node.op == "conv"
        ]
        for first in (False, True)
        for last in (False, True)
    }
    assert kinds[False, False] == ["float32"] * 3
    assert kinds[True, False] == ["int8", "float32", "float32"]
    assert kinds[False, True] == ["float32", "float32", "int8"]
    assert kinds[True, True] == ["int8", "float32", "int8"]


def test_rounded_weights_are_within_half_a_step() -> None:
    layer = nn.Conv2d(3, 4, 3)
    layer.weight.data[1] = 0
    graph = captured(layer)
    old, new = graph.node(graph.outputs[0]), quantize_ends(graph, first=True, last=False)
    rounded = new.node(graph.outputs[0])
    step = reals(rounded, "scale")[:, None, None, None]
    error = np.abs(reals(rounded, "weights") * step - reals(old, "weights"))
    assert (error <= step / 2 + 1e-12).all()
    assert np.isfinite(step).all()
    assert not reals(rounded, "weights")[1].any()
    assert (
        np.abs(reals(rounded, "weights")[[0, 2, 3]]).reshape(3, -1).max(axis=1).tolist()
        == [127] * 3
    )


@pytest.mark.parametrize("uneven", [False, True], ids=["even", "uneven"])
@pytest.mark.parametrize("layer", [Int8Conv2d, BinaryConv2d, nn.Conv2d])
def test_fold_normalize_is_exact_at_the_border(layer: type[nn.Conv2d], uneven: bool) -> None:
    model = layer(3, 5, 5, stride=2, padding=3, dilation=2)
    graph = captured(model, preprocessing=UNEVEN if uneven else EVEN)
    folded = fold_normalize(graph)
    assert "normalize" not in ops(folded)
    reads_pixels = "zero" in folded.nodes[-1].constants
    assert reads_pixels == (layer is not nn.Conv2d and not uneven)
    # zero is rounded to 2^-17 of a pixel's step.
    assert same_reals(drop_unread(graph), drop_unread(folded), 1e-5)


def test_store_gives_file_types_and_drops_defaults() -> None:
    for network in NETWORKS:
        graph = store(drop_unread(fold_normalize(_through(network, "fuse_thresholds"))))
        for node in graph.nodes:
            assert all(array.dtype in CONSTANT_DTYPES for array in node.constants.values())
            assert not {("groups", 1), ("stride_h", 1)} & set(node.attributes.items())
            assert "sign" not in node.constants or (reals(node, "sign") < 0).any()


def test_round_down_changes_no_comparison() -> None:
    rng = np.random.default_rng(0)
    theta = np.concatenate(
        [rng.normal(size=1000), [0.0, -0.0, np.inf, -np.inf, 1e300, -1e300, 1e-50]]
    )
    rounded = round_down(theta)
    assert (rounded.astype(np.float64) <= theta).all()
    finite = rounded[np.abs(rounded) < 1e30]
    near = np.concatenate([finite, np.nextafter(finite, np.float32(np.inf))])
    for x in near:
        assert ((x.astype(np.float64) > theta) == (x > rounded)).all()


def test_drop_unread_keeps_what_outputs_need() -> None:
    graph = captured(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()))
    extra = Node("relu", "unread", ("0",))
    dropped = drop_unread(graph.with_nodes((*graph.nodes, extra)))
    assert ops(dropped) == ["normalize", "conv", "relu"]


def test_graphs_compute_something_worth_comparing() -> None:
    """Guards the tests above: lively outputs, and codes of every value."""
    graph = captured(Residual())
    (logits,) = outputs(graph, images(graph))
    assert float(logits.std()) > 0.01


@pytest.mark.parametrize("preprocessing", [EVEN, UNEVEN], ids=["even", "uneven"])
def test_arithmetic_on_the_image_becomes_preprocessing(preprocessing: Preprocessing) -> None:
    class Normalising(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.other = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 4, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            result: Tensor = self.conv((0.3 - 2 * x) / 0.4) + self.other(x)
            return result

    before = captured(Normalising(), preprocessing=preprocessing)
    after = fold_image_affine(before)
    assert ops(before) == ["normalize", *["batch_norm"] * 3, "conv", "conv", "add"]
    assert same_reals(before, after)
    assert [node.op for node in after.nodes if node.inputs == ("picture",)] == ["normalize"] * 4
    assert "batch_norm" not in ops(after)


def test_a_gain_of_zero_stays_a_batch_norm() -> None:
    before = captured(nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 2, 3)))  # its first gain is 0
    assert fold_image_affine(before) == before


@pytest.mark.parametrize("two_classes", [False, True])
def test_log_softmax_and_sigmoid_are_taken_off(two_classes: bool) -> None:
    body = [nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(400, 1)]
    before = captured(nn.Sequential(*body, nn.Sigmoid()))
    after = lower_heads(before, two_classes=two_classes)
    batch = images(before)
    (score,), (pair,) = outputs(before, batch), outputs(after, batch)
    assert pair.shape == (2, 2, 1, 1)
    assert (pair[:, 0] == 0).all()
    assert abs(pair.softmax(1)[:, 1:] - score).max() < 1e-12
    logits = captured(nn.Sequential(*body[:2], nn.Linear(400, 3), nn.LogSoftmax(1)))
    lowered = lower_heads(logits, two_classes=False)
    (scores,), (found,) = outputs(logits, batch), outputs(lowered, batch)
    assert abs(found.log_softmax(1) - scores).max() < 1e-12
    assert ops(lowered) == ops(logits)[:-1]
