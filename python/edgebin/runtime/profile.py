"""Times the steps of a run: what runs as one step, on which kernel, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgebin import _core


@dataclass(frozen=True, slots=True)
class ProfiledStep:
    """One step of a run: a layer, and the layers behind it that are fused into it.

    Args:
        layers: their names; the first has the kernel.
        ops: their operators.
        kernel: what computes a convolution's or linear layer's sums; "" for any other.
        shape: (height, width, channels) of the first layer's output.
        macs: multiply-accumulates for one image.
        ms: median milliseconds of one image.
    """

    layers: tuple[str, ...]
    ops: tuple[str, ...]
    kernel: str
    shape: tuple[int, int, int]
    macs: int
    ms: float

    @property
    def gmacs_per_second(self) -> float | None:
        """10^9 multiply-accumulates per second; None where it has none."""
        return self.macs / self.ms / 1e6 if self.macs and self.ms else None


def profile(core: _core.Model, inputs: _core.Inputs) -> tuple[ProfiledStep, ...]:
    """Time the steps of a loaded model, in the order of execution.

    Args:
        core: the model.
        inputs: as the core takes them; images are run one by one.

    Raises:
        InputError: another shape or dtype.
    """
    medians = np.median(np.array(core.profile(inputs)), axis=0) / 1e6
    infos = core.layers
    return tuple(
        ProfiledStep(
            layers=tuple(infos[node].name for node in nodes),
            ops=tuple(infos[node].op for node in nodes),
            kernel=kernel,
            shape=infos[nodes[0]].shape,
            macs=sum(infos[node].macs for node in nodes),
            ms=float(ms),
        )
        for (nodes, kernel), ms in zip(core.steps, medians, strict=True)
    )
