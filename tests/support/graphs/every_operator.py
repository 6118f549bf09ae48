"""A graph with every operator of FORMAT.md."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Graph
from graphs.sketch import Sketch, ascending, bounds, f32

EPS = np.array([1e-5], np.float32)


def moves(codes: str, reals: str, raw: str) -> tuple[tuple[str, str, dict[str, int]], ...]:
    """Return (operator, input, attributes) of what moves elements of 6 x 5 x 4."""
    return (
        ("slice", codes, {"h_begin": 1, "h_end": 6, "h_step": 2, "w_end": 3, "c_begin": 1}),
        ("slice", reals, {"c_step": 3}),
        ("pad", codes, {"pad_top": 2, "pad_right": 1, "mode": 1}),
        ("pad", raw, {"pad_bottom": 3, "mode": 3}),
        ("reshape", codes, {"out_h": 3, "out_w": 4, "out_c": 10}),
        ("transpose", codes, {"axis_0": 2, "axis_1": 0, "axis_2": 1}),
        ("depth_to_space", codes, {"block": 2}),
        ("resize_nearest", codes, {"out_h": 9, "out_w": 3, "exact": 1}),
        ("resize_bilinear", reals, {"out_h": 4, "out_w": 11}),
    )


def every_operator() -> Graph:
    """Return a graph with each operator, and conv and linear in each of their forms."""
    rng = np.random.default_rng(5)
    sketch = Sketch((6, 5, 4))
    codes, reals, raw = sketch.codes(), sketch.reals(rng), sketch.image
    bits, bytes_ = rng.integers(0, 2, (6, 3, 3, 2)) > 0, rng.integers(-9, 9, (6, 3, 3, 2), np.int8)
    flat_bits, scale = rng.integers(0, 2, (3, 120)) > 0, {"scale": f32(rng, 6)}
    zero = {"zero": np.arange(4, dtype=np.int32)}
    coded = sketch.add(
        "conv",
        codes,
        constants={"weights": bits, "thresholds": ascending(rng, 6, 5, "i16")},
        groups=2,
        stride_h=2,
        pad_top=1,
        pad_left=1,
    )
    for x, weights, more in (
        (codes, bytes_, scale),
        (raw, bytes_, {**scale, **zero}),
        (raw, bits, {**scale, **zero}),
        (reals, f32(rng, 6, 3, 3, 2), {}),
        (reals, bits, {**scale, "bias": f32(rng, 6)}),
    ):
        sketch.add("conv", x, constants={"weights": weights, **more}, groups=2, dilation_w=2)
    flat = sketch.add("flatten", codes)
    thresholds = ascending(rng, 3, 5, "i32")
    sketch.add("linear", flat, constants={"weights": flat_bits, "thresholds": thresholds})
    sketch.add("linear", flat, constants={"weights": flat_bits, "scale": f32(rng, 3)})
    constants = {
        "thresholds": ascending(rng, 4, 5, "f32"),
        "sign": np.array([1, -1, 1, -1], np.int8),
    }
    sketch.add("quantize", reals, constants=constants)
    sketch.add("softmax", sketch.add("relu", sketch.add("add", reals, reals)))
    for op in ("exp", "sigmoid", "tanh", "silu", "gelu", "gelu_tanh", "hard_sigmoid", "hard_swish"):
        sketch.add(op, reals)
    sketch.add("elu", reals, constants={"alpha": f32(rng, 1)})
    sketch.add("prelu", reals, constants={"slope": f32(rng, 4)})
    sketch.add("clamp", reals, constants=bounds(rng))
    means = sketch.add("adaptive_avg_pool", reals, out_h=1, out_w=1)
    sketch.add("sub", sketch.add("mul", reals, means), reals)
    sketch.add("concat", codes, codes, codes)
    sketch.add("max_pool", coded, kernel_h=2, kernel_w=1, dilation_h=2, pad_top=1)
    sketch.add("avg_pool", reals, kernel_h=2, kernel_w=3, stride_w=2, pad_right=2, include_pad=1)
    sketch.add("adaptive_max_pool", codes, out_h=2, out_w=3)
    sketch.add("adaptive_avg_pool", reals, out_h=1, out_w=7)
    for op, x, attributes in moves(codes, reals, raw):
        sketch.add(op, x, constants={}, **attributes)
    rows = sketch.add("slice", codes, h_begin=1, w_end=1)
    sketch.add("space_to_depth", sketch.add("resize_nearest", rows, out_h=4, out_w=6), block=2)
    sketch.add("pad", reals, constants={"value": np.array([-2.5], np.float32)}, pad_left=2)
    sketch.add("take_channels", codes, constants={"channels": np.array([3, 0, 3, 1], np.int32)})
    for op in ("reduce_mean", "reduce_sum", "reduce_max"):
        sketch.add(op, reals, over_w=1, over_c=1)
    sketch.add("argmax", reals)
    sketch.add("l2_normalize", reals, constants={"eps": EPS})
    norm = {"scale": f32(rng, 4), "bias": f32(rng, 4), "eps": EPS}
    sketch.add("group_norm", reals, constants=norm, groups=2)
    sketch.add("layer_norm", reals, constants=norm)
    return sketch.graph(coded, reals)
