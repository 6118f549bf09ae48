"""What to write instead of a layer that the runtime does not support."""

from __future__ import annotations

from edgebin.errors import ExportError, Refusal

_ACTIVATION = "torch.nn.ReLU or edgebin.nn.HWGQ"
_HINTS = {
    "selu": _ACTIVATION,
    "celu": _ACTIVATION,
    "mish": _ACTIVATION,
    "softplus": _ACTIVATION,
    "glu": _ACTIVATION,
    "local_response_norm": "torch.nn.BatchNorm2d",
    "conv3d": "torch.nn.Conv2d",
    "matmul": "torch.nn.Linear",
    "bmm": "torch.nn.Linear",
    "einsum": "torch.nn.Linear or torch.nn.Conv2d",
    "scaled_dot_product_attention": "a network of convolutions and linear layers",
    "topk": "the logits as output; predictions are sorted",
    "where": "torch.nn.ReLU or torch.clamp",
    "gt": "torch.nn.ReLU or torch.clamp",
    "ge": "torch.nn.ReLU or torch.clamp",
    "lt": "torch.nn.ReLU or torch.clamp",
    "le": "torch.nn.ReLU or torch.clamp",
    "upsample_bicubic2d": 'mode="bilinear" or "nearest"',
}
COMPOSITES = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell", "MultiheadAttention")
"""Modules that torch takes apart into calls whose refusals would not name the cause."""
INSTEAD_OF_COMPOSITES = "a network of convolutions and linear layers"

_OTHERWISE = (
    "convolution, linear, batch norm, HWGQ, activations such as ReLU, pooling, add, mul, "
    "concatenation, slices, shuffles, resizes, flatten, softmax"
)


def unsupported(module: str, found: str, works: str | None = None) -> ExportError:
    """Return the error for what cannot be exported: the module, what was found, what would work."""
    if works is None:
        name = found.split(".")[1] if found.count(".") else found
        works = _HINTS.get(name.strip("_"), _OTHERWISE)
        found = f"{found}, which the runtime lacks"
    return ExportError(refusals=[Refusal(module, found, works)])
