"""A graph with every operator of FORMAT.md."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Graph
from graphs.sketch import Sketch, ascending, bounds, f32

EPS = np.array([1e-5], np.float32)


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
    for op in ("reduce_mean", "reduce_sum", "reduce_max"):
        sketch.add(op, reals, over_w=1, over_c=1)
    sketch.add("argmax", reals)
    sketch.add("l2_normalize", reals, constants={"eps": EPS})
    norm = {"scale": f32(rng, 4), "bias": f32(rng, 4), "eps": EPS}
    sketch.add("group_norm", reals, constants=norm, groups=2)
    sketch.add("layer_norm", reals, constants=norm)
    return sketch.graph(coded, reals)
