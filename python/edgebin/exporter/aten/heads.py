"""Lowers softmax and sigmoid, and log_softmax where it ends a network.

There log_softmax, and the sigmoid of one logit, only turn logits into scores, which the runtime
does itself: `passes/lower_heads.py`.
"""

from __future__ import annotations

import numpy as np
from torch.fx import Node as FxNode

from edgebin.exporter.aten.axes import with_axis_moved_back
from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.dialect import LOG_SOFTMAX, SIGMOID

_MOVES = ("view", "reshape", "flatten", "squeeze", "unsqueeze", "alias", "clone", "contiguous")


def softmax(call: Call) -> Activation:
    """Lower torch.nn.Softmax: over channels, or over another dimension between transposes."""
    rank = len(call.output_shape)
    dim = int(call.plain("dim")) % rank
    part = call.part("self")
    if dim == (1 if rank > 1 else 0) and part.numbers.ndim < 4:
        return call.emit_like("softmax", [call.activation("self")])
    if dim == 0:
        raise call.refuse("softmax over the batch", "another dimension")
    if not part.value.known:
        return call.unknown()
    shape = part.numbers.shape
    # Other dimensions as rows: those of (N, A, B, H, W) would be folded into the channels.
    first = np.moveaxis(part.numbers, dim - 1, 0).reshape(shape[dim - 1], -1)
    scores = call.emit_like("softmax", [call.lay_out(part.value, first)])
    return with_axis_moved_back(call, scores, shape, dim)


def log_softmax(call: Call) -> Activation:
    """Lower torch.nn.LogSoftmax over channels at the end of a network."""
    if not _is_last(call.fx):
        raise call.refuse("log_softmax that another layer reads", "the logits in its place")
    rank = len(call.output_shape)
    dim, channels = int(call.plain("dim")) % rank, 1 if rank > 1 else 0
    if dim != channels:
        raise call.refuse(f"log_softmax over dimension {call.plain('dim')}", "dim=1, the channels")
    return call.emit_like(LOG_SOFTMAX, [call.activation("self")])


def sigmoid(call: Call) -> Activation:
    """Lower torch.nn.Sigmoid; of a single logit at the end of a network, it makes two classes."""
    x = call.activation("self")
    ends_in_one_logit = call.shape(x) == (1, 1, 1) and _is_last(call.fx)
    return call.emit_like(SIGMOID if ends_in_one_logit else "sigmoid", [x])


def _is_last(fx: FxNode) -> bool:
    """Return whether nothing but the output reads a value, except calls that move nothing."""
    for user in fx.users:
        if user.op == "output":
            continue
        name = str(user.target).removeprefix("aten.").partition(".")[0]
        if name not in _MOVES or not _is_last(user):
            return False
    return True
