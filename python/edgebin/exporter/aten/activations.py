"""Lowers the activations that the runtime has an operator for."""

from __future__ import annotations

import numpy as np

from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation


def exp(call: Call) -> Activation:
    """Lower torch.exp."""
    return call.elementwise("exp")


def tanh(call: Call) -> Activation:
    """Lower torch.nn.Tanh."""
    return call.elementwise("tanh")


def silu(call: Call) -> Activation:
    """Lower torch.nn.SiLU."""
    return call.elementwise("silu")


def gelu(call: Call) -> Activation:
    """Lower torch.nn.GELU, exact or approximated by tanh."""
    op = "gelu_tanh" if call.plain("approximate") == "tanh" else "gelu"
    return call.elementwise(op)


def hardswish(call: Call) -> Activation:
    """Lower torch.nn.Hardswish."""
    return call.elementwise("hard_swish")


def elu(call: Call) -> Activation:
    """Lower torch.nn.ELU."""
    if float(call.plain("scale")) != 1 or float(call.plain("input_scale")) != 1:
        raise call.refuse("an ELU with scales, such as SELU", "torch.nn.ELU")
    alpha = np.array([float(call.plain("alpha"))])
    if not np.isfinite(alpha).all():
        raise call.refuse("an ELU whose alpha is not finite", "a finite alpha")
    return call.elementwise("elu", constants={"alpha": alpha})
