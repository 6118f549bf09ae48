"""Random networks for `stress.py`: every operator, all post-ops of a convolution, the largest sums.

A case follows from its generator alone. Sizes are bounded by what the oracle computes in a moment.
"""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array
from graphs.activations import ACTIVATIONS, ARITHMETIC, broadcasts
from graphs.moves import MOVES, constants_of
from graphs.sketch import f32
from graphs.strategies import Case, least_size
from growth import Growth, pick

MAX_ELEMENTS = 60_000
MAX_MACS = 20_000_000
MAX_REAL_DEPTH = 1500  # the oracle takes a step in Python for each
LOOKUP_DEPTH = 10_922  # kMaxLookupDepth: the most weights whose sum fits 16 bits
MOST_CHANNELS = 65_535  # of an image: a u16 of the header
LONGEST = {"code": 70_000, "u8": 65_536, "f32": 3000}
WEIGHTS = {"code": ("bit", "bit", "bit", "s8"), "u8": ("s8", "bit"), "f32": ("f32", "s8", "bit")}
SIDES = {"h": ("pad_top", "pad_bottom"), "w": ("pad_left", "pad_right")}
REDUCTIONS = (
    "reduce_mean",
    "reduce_sum",
    "reduce_max",
    "argmax",
    "l2_normalize",
    "group_norm",
    "layer_norm",
)
POOLS = ("max_pool", "max_pool", "avg_pool", "adaptive_max_pool", "adaptive_avg_pool")


def draw_case(rng: np.random.Generator) -> Case:
    """Draw a network and up to 9 images."""
    return pick(rng, (*[layer] * 6, *[network] * 4, *[long_linear] * 2, deep_lookup))(rng)


def layer(rng: np.random.Generator) -> Case:
    """One convolution of the image, and what may follow it."""
    growth = Growth(rng, (side(rng), side(rng), channels(rng)))
    y = convolution(growth, growth.source(pick(rng, (*["code"] * 6, "u8", "u8", "f32"))))
    post_ops(growth, y)
    return growth.case()


def network(rng: np.random.Generator) -> Case:
    """Up to 14 operators."""
    growth = Growth(rng, (side(rng), side(rng), int(rng.integers(1, 9))))
    if not growth.one_in(3):
        post_ops(growth, convolution(growth, growth.sketch.image))
    growth.source(pick(rng, ("code", "f32")))
    for _ in range(int(rng.integers(2, 15))):
        grow(growth)
    return growth.case()


def long_linear(rng: np.random.Generator) -> Case:
    """One linear layer whose rows are as long as FORMAT.md or the clock allows."""
    kind = pick(rng, ("code", "code", "u8", "f32"))
    if rng.random() < 0.3:
        depth = int(rng.integers(LONGEST[kind] // 3, LONGEST[kind] + 1))
    else:
        depth = int(np.exp(rng.uniform(0, np.log(LONGEST[kind]))))
    if rng.random() < 0.5:
        depth = max(64, depth // 64 * 64) + int(rng.integers(-1, 2))
    depth = min(depth, LONGEST[kind])
    if rng.random() < 0.5 and depth <= MOST_CHANNELS:
        growth = Growth(rng, (1, 1, depth))
        x = growth.source(kind)
    else:
        growth = Growth(rng, (depth // 64, 1, 64) if depth % 64 == 0 else (1, depth, 1))
        x = growth.add("flatten", growth.source(kind), constants={})
    filters = min(channels(rng), max(1, MAX_MACS // depth))
    shape = (filters, growth.sketch.channels(x))
    post_ops(growth, growth.product("linear", x, pick(rng, WEIGHTS[kind]), shape))
    return growth.case()


def deep_lookup(rng: np.random.Generator) -> Case:
    """One convolution of bits with as many weights a filter as lookups take, or one tap more."""
    kernel = kernel_of(rng)
    taps = kernel[0] * kernel[1]
    size = kernel[0] + int(rng.integers(0, 3)), kernel[1] + int(rng.integers(0, 3))
    growth = Growth(rng, (*size, LOOKUP_DEPTH // taps + int(rng.integers(-1, 2))))
    shape = (int(rng.integers(1, 70)), *kernel, growth.sketch.shape[2])
    window = {key: int(rng.integers(0, 2)) for keys in SIDES.values() for key in keys}
    post_ops(growth, growth.product("conv", growth.source("code"), "bit", shape, **window))
    return growth.case()


def side(rng: np.random.Generator) -> int:
    """Draw a height or width: small, with some that fill tiles and bands of rows."""
    return int(rng.integers(1, pick(rng, (4, 10, 10, 20, 70))))


def channels(rng: np.random.Generator) -> int:
    """Draw a number of channels, with those around whole words among them."""
    if rng.random() < 0.5:
        return int(rng.integers(1, pick(rng, (9, 40, 140, 301))))
    return max(1, int(pick(rng, (8, 16, 32, 64, 128, 192, 256)) + rng.integers(-1, 2)))


def axis_of(rng: np.random.Generator, kernel: int, axis: str) -> dict[str, int]:
    """Draw stride, dilation and padding of an axis; now and then beyond what lookups serve."""
    before, after = SIDES[axis]
    pad = int(rng.integers(0, 4))
    return {
        f"stride_{axis}": int(rng.integers(1, pick(rng, (2, 3, 4, 7)))),
        f"dilation_{axis}": int(rng.integers(1, pick(rng, (2, 2, 4)))) if kernel > 1 else 1,
        before: pad,
        after: pad if rng.random() < 0.6 else int(rng.integers(0, 4)),
    }


def kernel_of(rng: np.random.Generator) -> tuple[int, int]:
    if rng.random() < 0.5:
        return pick(rng, ((1, 1), (3, 3)))
    return int(rng.integers(1, 8)), int(rng.integers(1, 8))


def groups_of(rng: np.random.Generator, count: int) -> int:
    """Draw a divisor of the channels, 1 for the most part."""
    divisors = [d for d in range(1, count + 1) if count % d == 0]
    return pick(rng, (*[1] * 7, count, pick(rng, divisors)))


def convolution(growth: Growth, x: str) -> str:
    """Add a convolution of `x`, or return `x` where none that is drawn fits."""
    rng = growth.rng
    height, width, depth = growth.shape(x)
    kind = growth.kind(x)
    for _ in range(20):
        kernel = kernel_of(rng)
        window = {**axis_of(rng, kernel[0], "h"), **axis_of(rng, kernel[1], "w")}
        if (
            least_size(kernel[0], window, "h") > height
            or least_size(kernel[1], window, "w") > width
        ):
            continue
        groups = groups_of(rng, depth)
        filters = groups * (pick(rng, (1, 1, 2, 3)) if groups == depth else channels(rng))
        if groups > 1:
            filters = min(filters, groups * max(1, 300 // groups))
            window["groups"] = groups
        shape = (filters, *kernel, depth // groups)
        rows = output(height, kernel[0], window, "h")
        columns = output(width, kernel[1], window, "w")
        row = kernel[0] * kernel[1] * shape[3]
        if rows * columns * filters > MAX_ELEMENTS or rows * columns * filters * row > MAX_MACS:
            continue
        if row > (MAX_REAL_DEPTH if kind == "f32" else LONGEST[kind]):
            continue
        return growth.product("conv", x, pick(rng, WEIGHTS[kind]), shape, **window)
    return x


def output(size: int, kernel: int, window: dict[str, int], axis: str) -> int:
    """Return the output positions of an axis."""
    padded = size + sum(window[key] for key in SIDES[axis])
    extent = window[f"dilation_{axis}"] * (kernel - 1) + 1
    return int((padded - extent) // window[f"stride_{axis}"] + 1)


def post_ops(growth: Growth, y: str) -> None:
    """Add operators that the runtime fuses into `y`, or what prevents that."""
    if growth.kind(y) != "f32":
        if growth.kind(y) == "code" and growth.one_in(3):
            pool(growth, y)
        return
    first = growth.sketch.image in growth.sketch.nodes[-1].inputs
    step = pick(growth.rng, ("pool", *["pool" if first else "sum"] * 2, "none"))
    if step == "pool":
        y = pool(growth, y)
    elif step == "sum":
        y = residual(growth, y)
    for _ in range(pick(growth.rng, (0, 1, 1, 2))):
        growth.quantize(y)
    if growth.one_in(5):
        growth.add("relu", y, constants={})


def residual(growth: Growth, y: str) -> str:
    """Combine `y` and another value: one there is, a convolution like it, or itself."""
    op = pick(growth.rng, ("add", "add", *ARITHMETIC))
    fitting = [v for v in growth.values if growth.sketch.types[v] == growth.sketch.types[y]]
    if growth.one_in(3):
        types = growth.sketch.types
        fitting += [v for v in growth.values if broadcasts(types[y], types[v])]
    other = pick(growth.rng, fitting)
    node = next((node for node in growth.sketch.nodes if node.name == y), None)
    if node is not None and node.op == "conv" and growth.one_in(2):
        weights = node.constants["weights"]
        kind = {"bool": "bit", "int8": "s8", "float32": "f32"}[str(weights.dtype)]
        again = growth.product("conv", node.inputs[0], kind, weights.shape, **node.attributes)
        other = again if growth.sketch.types[again] == growth.sketch.types[y] else other
    return growth.add(op, *pick(growth.rng, ((y, other), (other, y))), constants={})


def pool(growth: Growth, x: str) -> str:
    """Add a pool of `x`."""
    rng = growth.rng
    op = pick(rng, [op for op in POOLS if growth.kind(x) == "f32" or "max" in op])
    if "adaptive" in op:
        sizes = {"out_h": int(rng.integers(1, 5)), "out_w": int(rng.integers(1, 5))}
        return growth.add(op, x, constants={}, **sizes)
    attributes = {}
    for axis, size in zip("hw", growth.shape(x)[:2], strict=True):
        kernel = int(rng.integers(1, min(size, 4) + 1))
        extent = kernel
        if op == "max_pool":
            most = (size - 1) // (kernel - 1) if kernel > 1 else 1
            attributes[f"dilation_{axis}"] = int(rng.integers(1, min(3, most) + 1))
            extent = attributes[f"dilation_{axis}"] * (kernel - 1) + 1
        attributes[f"kernel_{axis}"] = kernel
        attributes[f"stride_{axis}"] = int(rng.integers(1, 4))
        for key in SIDES[axis]:
            attributes[key] = int(rng.integers(0, extent))
    if op == "avg_pool":
        attributes["include_pad"] = int(rng.integers(0, 2))
    return growth.add(op, x, constants={}, **attributes)


def grow(growth: Growth) -> None:
    """Add an operator, mostly a convolution with post-ops."""
    x = growth.value("code", "f32")
    if x is None:
        return
    real = growth.value("f32")
    step = growth.rng.random()
    if step < 0.4:
        post_ops(growth, convolution(growth, x))
    elif step < 0.5:
        concat(growth, x)
    elif step < 0.6:
        pool(growth, x)
    elif step < 0.65:
        flat_linear(growth, x)
    elif step < 0.75:
        move(growth, x)
    elif growth.kind(x) == "code" and step < 0.8:
        growth.add("dequantize", x, constants={"step": np.array([0.538], np.float32)})
    elif real is not None and step < 0.9:
        elementwise(growth, real)
    elif real is not None:
        reduction(growth, real)


def elementwise(growth: Growth, x: str) -> None:
    """Add an operator that takes reals one by one, or pixel by pixel."""
    op = pick(
        growth.rng, ("quantize", "quantize", "affine", "relu", "softmax", "add", *ACTIVATIONS)
    )
    if op == "quantize":
        growth.quantize(x)
    elif op == "affine":
        growth.affine(x)
    elif op == "add":
        residual(growth, x)
    else:
        constants: dict[str, Array] = {}
        if op in ACTIVATIONS:
            constants = ACTIVATIONS[op](growth.rng, growth.shape(x)[2])
        growth.add(op, x, constants=constants)


def reduction(growth: Growth, x: str) -> None:
    """Add a reduction or a normalization of `x`."""
    rng = growth.rng
    op = pick(rng, REDUCTIONS)
    if op == "argmax":
        growth.add(op, x, constants={})
        return
    if op.startswith("reduce_"):
        axes = rng.permutation(["over_h", "over_w", "over_c"])[: int(rng.integers(1, 4))]
        growth.add(op, x, constants={}, **{str(axis): 1 for axis in axes})
        return
    channels = growth.sketch.channels(x)
    eps = pick(rng, (0.0, 1e-12, 1e-5))
    constants: dict[str, Array] = {"eps": np.array([eps], np.float32)}
    if op != "l2_normalize":
        for role in ("scale", "bias"):
            constants[role] = growth.reals(f32(rng, channels))
    groups = {"groups": groups_of(rng, channels)} if op == "group_norm" else {}
    growth.add(op, x, constants=constants, **groups)


def move(growth: Growth, x: str) -> None:
    """Add an operator that moves the elements of `x`, or resizes it."""
    rng, kind, shape = growth.rng, growth.kind(x), growth.shape(x)
    op = pick(rng, [op for op in MOVES if kind == "f32" or op != "resize_bilinear"])
    attributes = MOVES[op](rng, shape)
    constants = constants_of(op, rng, shape, kind, attributes.get("mode", 0))
    growth.add(op, x, constants=constants, **attributes)


def concat(growth: Growth, x: str) -> None:
    """Add a concat of `x` and up to three values that fit it."""
    height, width, _ = growth.shape(x)
    fitting = [
        v
        for v in growth.values
        if growth.kind(v) == growth.kind(x) and growth.shape(v)[:2] == (height, width)
    ]
    parts = [x, *(pick(growth.rng, fitting) for _ in range(int(growth.rng.integers(1, 4))))]
    if sum(growth.shape(v)[2] for v in parts) * height * width <= MAX_ELEMENTS:
        growth.add("concat", *parts, constants={})


def flat_linear(growth: Growth, x: str) -> None:
    """Add a flatten of `x` and a linear layer."""
    kind = growth.kind(x)
    flat = growth.add("flatten", x, constants={})
    depth = growth.sketch.channels(flat)
    if depth <= (MAX_REAL_DEPTH if kind == "f32" else LONGEST[kind]):
        shape = (min(channels(growth.rng), max(1, MAX_MACS // depth)), depth)
        post_ops(growth, growth.product("linear", flat, pick(growth.rng, WEIGHTS[kind]), shape))
