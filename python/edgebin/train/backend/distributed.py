"""Several processes that train one network together, as torchrun starts them.

Every process draws the same shuffling and augmentation and takes its share of every batch;
gradients are averaged, so that the result is one process's up to rounding. What a forward draws, as
dropout does, is each process's own. The first process alone writes files and lines; whichever fails
first says why, and all end. Processes are started by torchrun, never here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from edgebin.errors import EdgebinError, first_line
from edgebin.machine.process import usable_cores
from edgebin.train.backend.device import training_device

_FAILED = "edgebin.failed"


class OtherProcessError(EdgebinError):
    """Another process of the run failed first, and has said why."""


@dataclass(frozen=True, slots=True)
class World:
    """The processes of a run: how many they are, and which this one is, from 0."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes files and lines for all."""
        return self.rank == 0

    def share(self, batch_size: int) -> slice:
        """Return this process's part of a batch, whose size is a multiple of the world's."""
        part = batch_size // self.size
        return slice(self.rank * part, (self.rank + 1) * part)


def world() -> World:
    """Return the processes that have joined: one, rank 0, if none have."""
    if dist.is_available() and dist.is_initialized():
        return World(dist.get_rank(), dist.get_world_size())
    return World()


def decoding_threads(threads: int | None) -> int:
    """Return the number of CPU threads that decode images in this process: PyTorch's own.

    torchrun leaves PyTorch one thread in each process. Unless `threads` sets another number,
    decoding then gets the process's share of the machine's cores: it would else delay a GPU.
    """
    if threads is not None or world().size == 1 or torch.get_num_threads() > 1:
        return torch.get_num_threads()
    local_processes = int(os.environ.get("LOCAL_WORLD_SIZE", world().size))
    return max(1, usable_cores() // local_processes)


def summed(value: Tensor) -> Tensor:
    """Return the sum of a tensor over all processes, in a new tensor."""
    total = value.clone()
    if world().size > 1:
        dist.all_reduce(total)
    return total


def wait(device: torch.device) -> None:
    """Return when every process has called this; device is where this one computes."""
    summed(torch.zeros((), device=device)).item()


@contextmanager
def joined(device: str) -> Iterator[torch.device]:
    """Join the processes of torchrun, if it started this one, until the block ends.

    Args:
        device: "cpu" (gloo) or "cuda" (NCCL, each process on the device of its LOCAL_RANK).

    Yields:
        The device of this process.

    Raises:
        OptionError: there is no such device.
        OtherProcessError: another process failed first.
        EdgebinError: another process was lost, or the block raised it and no other did before.
    """
    if not (dist.is_available() and dist.is_torchelastic_launched()):
        yield _local_device(device, 0)
        return
    from torch.distributed.rendezvous import rendezvous  # absent where distributed is

    try:
        store, rank, size = next(rendezvous("env://"))
    except (RuntimeError, ValueError) as error:
        raise EdgebinError(f"torchrun: cannot join the other processes: {error}") from None
    try:
        local_device = _local_device(device, int(os.environ["LOCAL_RANK"]))
        backend = "nccl" if local_device.type == "cuda" else "gloo"
        dist.init_process_group(backend, store=store, rank=rank, world_size=size)
        yield local_device
        dist.destroy_process_group()
    except Exception as error:
        first = _is_first(store)
        if isinstance(error, EdgebinError) and first:
            raise
        if isinstance(error, EdgebinError) or _is_of_connection(error):
            if not first:
                raise OtherProcessError("another process failed first") from None
            line = f"another process of the run was lost: {first_line(error)}"
            raise EdgebinError(line) from None
        raise


def _local_device(device: str, local_rank: int) -> torch.device:
    """The CPU, or the CUDA device of this process, which becomes the current one."""
    chosen = training_device(device, option="--device")
    if chosen.type == "cuda" and chosen.index is None:
        chosen = training_device(f"cuda:{local_rank}", option="--device")
    if chosen.type == "cuda":
        torch.cuda.set_device(chosen)
    return chosen


def _is_first(store: Any) -> bool:
    try:
        return bool(store.add(_FAILED, 1) == 1)
    except RuntimeError:  # the store is gone with the process that kept it
        return False


def _is_of_connection(error: Exception) -> bool:
    text = str(error).lower()
    return isinstance(error, dist.DistError) or (
        isinstance(error, RuntimeError) and ("gloo" in text or "connection" in text)
    )
