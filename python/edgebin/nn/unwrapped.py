"""Makes a plain copy of a network as users hold it, ready to be traced.

Before:  torch.compile, DataParallel, DistributedDataParallel, AveragedModel     After:  the module
Before:  weight norm, spectral norm and other parametrizations, pruning masks    After:  the weight
Before:  FrozenBatchNorm2d                                           After:  nn.BatchNorm2d
Before:  half, bfloat16 or double precision                          After:  float32

The module that was given stays as it is.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils import parametrize
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm
from torch.optim.swa_utils import AveragedModel

from edgebin.errors import ExportError
from edgebin.nn.copied import copied

_WRAPPERS = (nn.DataParallel, DistributedDataParallel, AveragedModel)
_HOOKS = (WeightNorm, SpectralNorm, BasePruningMethod)
"""Hooks that compute a weight before each call."""
_FROZEN = ("weight", "bias", "running_mean", "running_var")


def unwrapped(model: nn.Module) -> nn.Module:
    """Return a copy in evaluation mode and float32, on the same device.

    Raises:
        ExportError: the module cannot be copied, has no weights yet, or is a TorchScript program.
    """
    network = copied(_inner(model)).eval()
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            module._modules[name] = _thawed(_inner(child))
    network = _thawed(network)
    for module in network.modules():
        _bake_parametrizations(module)
        _bake_hooks(module)
    return network.eval().float()


def named_modules(model: nn.Module) -> dict[str, nn.Module]:
    """Return the modules of a network by name, without wrappers and what computes weights.

    Raises:
        ExportError: the module is a TorchScript program.
    """
    return {
        name: module
        for name, module in _inner(model).named_modules()
        if "parametrizations" not in name.split(".") and _inner(module) is module
    }


def _inner(module: nn.Module) -> nn.Module:
    """Return what a wrapper holds, the module itself where it is none."""
    while True:
        held = module._modules if not isinstance(module, torch.jit.ScriptModule) else {}
        if isinstance(module, torch.jit.ScriptModule):
            raise ExportError(
                f"{_script_name(module)}: expected a Python module, found a TorchScript program "
                "(torch.jit.script or trace); what works: the module that it was made from, with "
                "model.load_state_dict(program.state_dict())"
            )
        if "_orig_mod" in held:  # torch.compile's; its class would load the compiler
            module = cast(nn.Module, held["_orig_mod"])
        elif isinstance(module, _WRAPPERS):
            module = module.module
        else:
            return module


def _script_name(module: torch.jit.ScriptModule) -> str:
    return str(getattr(module, "original_name", type(module).__name__))


def _bake_parametrizations(module: nn.Module) -> None:
    """Put the computed weights in place of what they are computed from.

    torch's remove_parametrizations would change the class, which the module that was given shares.
    """
    if not parametrize.is_parametrized(module):
        return
    assert isinstance(module.parametrizations, nn.ModuleDict)
    with torch.no_grad():
        values = {name: getattr(module, name).clone() for name in module.parametrizations}
    del module._modules["parametrizations"]
    module.__class__ = parametrize.type_before_parametrizations(module)
    for name, value in values.items():
        module.register_parameter(name, nn.Parameter(value, value.is_floating_point()))


def _bake_hooks(module: nn.Module) -> None:
    for key, hook in list(module._forward_pre_hooks.items()):
        if isinstance(hook, _HOOKS):
            hook.remove(module)
            del module._forward_pre_hooks[key]


def _thawed(module: nn.Module) -> nn.Module:
    """Return torchvision's and detectron2's FrozenBatchNorm2d as the batch norm that it computes.

    They are known by name and buffers, so that neither package is needed.
    """
    if type(module).__name__ != "FrozenBatchNorm2d":
        return module
    held = {name: getattr(module, name, None) for name in _FROZEN}
    if not all(isinstance(value, Tensor) and value.dim() == 1 for value in held.values()):
        return module
    tensors = cast("dict[str, Tensor]", held)
    norm = nn.BatchNorm2d(len(tensors["weight"]), eps=float(getattr(module, "eps", 1e-5)))
    norm.load_state_dict(tensors, strict=False)
    return norm.to(tensors["weight"].device).eval()
