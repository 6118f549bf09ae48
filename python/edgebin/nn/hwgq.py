"""Half-wave Gaussian quantisation (HWGQ) of activations to two bits.

Source: Cai, He, Sun, Vasconcelos, "Deep Learning with Low Precision by Half-wave Gaussian
Quantization", CVPR 2017, arXiv 1702.00953, section 4. The step is the optimal uniform one for a
half-wave of unit variance, so the input should come from a batch norm. With the paper's thresholds
there is no dead zone between 0 and half a step: this is not `round(x / STEP)`, which the thresholds
"nearest" are. Two bits are the only width, because the runtime has codes 0 to 3 only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast, get_args

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.capturing import capturing

STEP = 0.538
LEVELS = (0.0, STEP, 2 * STEP, 3 * STEP)

Thresholds = Literal["half-wave", "nearest"]
# A plain dict: a mapping proxy would break a compiled graph in which a dict is written to.
THRESHOLDS: Mapping[str, tuple[float, float, float]] = {
    "half-wave": (0.0, 1.5 * STEP, 2.5 * STEP),
    "nearest": (0.5 * STEP, 1.5 * STEP, 2.5 * STEP),
}
"""What a code's value exceeds: the paper's, or halfway between levels."""
_HALF_WAVE = THRESHOLDS["half-wave"]

Backward = Literal["clipped", "vanilla", "log-tailed"]
BACKWARDS: tuple[str, ...] = get_args(Backward)


def hwgq_codes(x: Tensor, thresholds: Sequence[float] = _HALF_WAVE) -> Tensor:
    """Return how many thresholds x exceeds (strictly), in the dtype of x.

    Args:
        x: float tensor of any shape.
        thresholds: three, ascending.

    Returns:
        Tensor like x with values 0, 1, 2, 3.
    """
    low, middle, high = x > thresholds[0], x > thresholds[1], x > thresholds[2]
    if torch.compiler.is_compiling():  # one loop, in which bytes would be in the way
        return low.to(x.dtype) + middle.to(x.dtype) + high.to(x.dtype)
    # Booleans as bytes: five times as fast as sums in x's type, a pass over memory each.
    sums = low.view(torch.int8) + middle.view(torch.int8) + high.view(torch.int8)
    return sums.to(x.dtype)


def hwgq_gradient(x: Tensor, backward: str) -> Tensor:
    """Return the factor for the incoming gradient (section 4.2 of the paper).

    Args:
        x: float tensor of any shape, the input of HWGQ.
        backward: "vanilla" is [x > 0]; "clipped" is [0 < x <= 3 d]; "log-tailed" is 1 on
            (0, 3 d] and 1 / (x - tau), tau = 3 d - 1, beyond.

    Returns:
        Tensor like x.
    """
    top = LEVELS[-1]
    if backward == "vanilla":
        return (x > 0).to(x.dtype)
    if backward == "clipped":
        return ((x > 0) & (x <= top)).to(x.dtype)
    tail = 1.0 / (x.clamp_min(top) - (top - 1.0))
    return torch.where(x > 0, tail, torch.zeros_like(x))


class _Quantise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, backward: str, thresholds: Sequence[float]) -> Tensor:
        # Under autocast x may be bfloat16, which would round the thresholds too.
        wide = x if x.dtype in (torch.float32, torch.float64) else x.float()
        ctx.save_for_backward(wide)
        ctx.backward_kind = backward
        return (hwgq_codes(wide, thresholds) * STEP).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (x,) = ctx.saved_tensors
        return grads[0] * hwgq_gradient(x, ctx.backward_kind).to(grads[0].dtype), None, None


def hwgq(x: Tensor, backward: str = "clipped", thresholds: Sequence[float] = _HALF_WAVE) -> Tensor:
    """Return HWGQ of a float tensor of any shape, differentiable by `hwgq_gradient`."""
    result = _Quantise.apply(x, backward, thresholds)  # type: ignore[no-untyped-call]
    return cast(Tensor, result)


class HWGQ(nn.Module):
    """Quantises activations to LEVELS, shape and dtype unchanged.

    Args:
        bits: only 2.
        backward: gradient estimator: "clipped", "vanilla" or "log-tailed".
        thresholds: "half-wave", the paper's, or "nearest", which rounds to the nearest level. Both
            are folded exactly at export and cost the same.

    Raises:
        OptionError: other bits, an unknown backward or unknown thresholds.
    """

    # Also what a module of an older version has, pickled whole.
    thresholds: str = "half-wave"

    def __init__(
        self, bits: int = 2, backward: str = "clipped", thresholds: str = "half-wave"
    ) -> None:
        """Check the options."""
        super().__init__()
        if bits != 2:
            raise OptionError(f"HWGQ bits: expected 2, found {bits!r}")
        if backward not in BACKWARDS:
            raise OptionError(f"HWGQ backward: expected {', '.join(BACKWARDS)}, found {backward!r}")
        if thresholds not in tuple(THRESHOLDS):
            expected = ", ".join(THRESHOLDS)
            raise OptionError(f"HWGQ thresholds: expected {expected}, found {thresholds!r}")
        self.bits = bits
        self.backward_kind = backward
        self.thresholds = thresholds

    def forward(self, x: Tensor) -> Tensor:
        """Return quantised x; a single `edgebin::hwgq` node for the exporter."""
        thresholds = THRESHOLDS[self.thresholds]
        if capturing():
            return cast(Tensor, torch.ops.edgebin.hwgq(x, list(thresholds)))
        return hwgq(x, self.backward_kind, thresholds)

    def extra_repr(self) -> str:
        """Return what `print(model)` shows."""
        return f"bits={self.bits}, backward={self.backward_kind!r}, thresholds={self.thresholds!r}"
