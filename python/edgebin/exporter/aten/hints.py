"""What to write instead of a layer that the runtime does not support."""

from __future__ import annotations

from edgebin.errors import ExportError

_ACTIVATION = "edgebin.nn.HWGQ or torch.nn.ReLU"
_HINTS = {
    "hardtanh": _ACTIVATION,
    "relu6": _ACTIVATION,
    "silu": _ACTIVATION,
    "gelu": _ACTIVATION,
    "sigmoid": _ACTIVATION,
    "tanh": _ACTIVATION,
    "leaky_relu": _ACTIVATION,
    "prelu": _ACTIVATION,
    "elu": _ACTIVATION,
    "hardswish": _ACTIVATION,
    "group_norm": "torch.nn.BatchNorm2d",
    "layer_norm": "torch.nn.BatchNorm2d",
    "instance_norm": "torch.nn.BatchNorm2d",
    "conv1d": "torch.nn.Conv2d with a kernel of height 1",
    "conv3d": "torch.nn.Conv2d",
    "conv_transpose2d": "torch.nn.Conv2d",
    "matmul": "torch.nn.Linear",
    "mul": "a torch.nn.BatchNorm2d (a factor per channel)",
    "sub": "torch.add, or a torch.nn.BatchNorm2d (an offset per channel)",
    "div": "a torch.nn.BatchNorm2d (a factor per channel)",
    "pad": "the padding of the convolution or pool that follows",
    "slice": "a layer with fewer output channels",
    "permute": "torch.flatten(x, 1) before a linear layer",
    "transpose": "torch.flatten(x, 1) before a linear layer",
    "log_softmax": "torch.nn.Softmax, or no softmax (labels come from the largest logit)",
    "upsample_bilinear2d": "a network without upsampling",
    "upsample_nearest2d": "a network without upsampling",
}
RECURRENT = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")
"""Modules that torch takes apart into calls whose refusal would not name the cause."""
RECURRENT_INSTEAD = "a network of convolutions and linear layers"

_OTHERWISE = (
    "convolution, linear, batch norm, HWGQ, ReLU, pooling, add, concatenation, flatten, softmax"
)


def unsupported(module: str, found: str, works: str | None = None) -> ExportError:
    """Return the error for what cannot be exported: the module, what was found, what would work."""
    if works is None:
        name = found.split(".")[1] if found.count(".") else found
        works = _HINTS.get(name.strip("_"), _OTHERWISE)
    return ExportError(
        f'module "{module}": found {found}, which the runtime lacks; what works: {works}'
    )
