"""Batch norms over the whole batch where several processes hold a share of it each.

torch's SyncBatchNorm needs CUDA and another class of module; here the forward of each batch norm is
replaced for the time of a run, so that classes, names and state dicts stay. Sums over the processes
are differentiable: the gradient of a sum is the sum of the gradients.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from edgebin.errors import OptionError
from edgebin.train.backend.distributed import summed, world


@contextmanager
def synchronised(network: nn.Module) -> Iterator[None]:
    """Make the network's batch norms see the whole batch while they train, until the block ends.

    Nothing changes where there is one process, nor for SyncBatchNorm.

    Raises:
        OptionError: a batch norm has a forward of its own, whose formula is unknown.
    """
    norms = []
    if world().size > 1:
        for name, module in network.named_modules():
            if not isinstance(module, _BatchNorm) or isinstance(module, nn.SyncBatchNorm):
                continue
            if type(module).forward is not _BatchNorm.forward:
                raise OptionError(
                    f"{name}: expected a batch norm of torch.nn where several processes train, "
                    f"found {type(module).__name__}"
                )
            norms.append(module)
    for norm in norms:
        norm.__dict__["forward"] = partial(whole_batch_norm, norm)
    try:
        yield
    finally:
        for norm in norms:
            del norm.__dict__["forward"]


@torch.compiler.disable  # type: ignore[untyped-decorator]
def whole_batch_norm(norm: _BatchNorm, x: Tensor) -> Tensor:
    """Normalise this process's share of a batch: (N, C, ...) -> the same shape.

    In training y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and biased variance
    of the N * size images of all processes; running statistics move as in torch.nn. In eval mode
    it is the norm's own forward.
    """
    if not norm.training:
        return _BatchNorm.forward(norm, x)
    norm._check_input_dim(x)  # type: ignore[no-untyped-call]
    axes = [0, *range(2, x.dim())]
    shape = [1, -1] + [1] * (x.dim() - 2)
    values = x.float()
    count = values.numel() // values.shape[1] * world().size
    mean = _sum(values.sum(axes)) / count
    centred = values - mean.view(shape)
    variance = _sum((centred * centred).sum(axes)) / count
    _track(norm, mean.detach(), variance.detach() * (count / (count - 1)))
    y = centred * (variance + norm.eps).rsqrt().view(shape)
    if norm.affine:
        y = y * norm.weight.view(shape) + norm.bias.view(shape)
    return y.to(x.dtype)


def _track(norm: _BatchNorm, mean: Tensor, variance: Tensor) -> None:
    """Update the running statistics; the variance is the unbiased one."""
    if norm.running_mean is None or norm.running_var is None or norm.num_batches_tracked is None:
        return
    norm.num_batches_tracked.add_(1)
    momentum = norm.momentum
    if momentum is None:
        momentum = 1.0 / float(norm.num_batches_tracked)
    norm.running_mean.lerp_(mean.to(norm.running_mean.dtype), momentum)
    norm.running_var.lerp_(variance.to(norm.running_var.dtype), momentum)


class _Sum(torch.autograd.Function):
    """Sum over the processes; its backward is the same sum."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        return summed(value)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return summed(gradient.contiguous())


def _sum(value: Tensor) -> Tensor:
    total: Tensor = _Sum.apply(value)  # type: ignore[no-untyped-call]
    return total
