"""HWGQ's scale for a channel."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from edgebin.converter.observe import Seen
from edgebin.converter.scale import best_scale
from edgebin.nn.hwgq import STEP, THRESHOLDS, hwgq


def _scales(samples: Tensor, top: float = float("inf"), thresholds: str = "half-wave") -> Tensor:
    seen = Seen(samples, samples.mean(1), samples.var(1), top)
    return best_scale(seen, THRESHOLDS[thresholds]).values


@pytest.mark.parametrize(("thresholds", "best"), [("half-wave", 1.0), ("nearest", 1.21)])
def test_half_a_gaussian_has_its_deviation(thresholds: str, best: float) -> None:
    random = torch.Generator().manual_seed(0)
    deviations = torch.tensor([0.01, 1.0, 30.0])
    samples = torch.randn(3, 4000, generator=random) * deviations[:, None]
    found = _scales(samples, thresholds=thresholds) / deviations
    torch.testing.assert_close(found, torch.full((3,), best), atol=0.07, rtol=0)


def test_a_channel_that_is_never_positive_takes_the_median_of_the_others() -> None:
    samples = torch.randn(3, 500, generator=torch.Generator().manual_seed(0))
    samples[1] = -1.0
    scales = _scales(samples)
    assert scales[1] in scales[[0, 2]]
    assert torch.equal(_scales(-torch.ones(2, 500)), torch.ones(2))


def test_few_samples_share_a_scale() -> None:
    scales = _scales(torch.randn(4, 20) * torch.tensor([1.0, 2.0, 3.0, 4.0])[:, None])
    assert len(set(scales.tolist())) == 1


@pytest.mark.parametrize("thresholds", THRESHOLDS)
def test_the_scale_is_of_least_error_for_its_thresholds(thresholds: str) -> None:
    samples = torch.randn(1, 4000, generator=torch.Generator().manual_seed(0)) + 0.3

    def error(scale: Tensor) -> float:
        levels = hwgq(samples / scale, thresholds=THRESHOLDS[thresholds]) * scale
        return float((levels - samples.relu()).square().sum())

    best = _scales(samples, thresholds=thresholds)
    assert all(error(best) <= error(best * factor) * 1.01 for factor in (0.6, 0.8, 1.25, 1.6))
    # Three levels above 0 of unit step, uniform over [0, 3.5]: no other step is as near.
    even = torch.linspace(0, 3.5, 3501)[None]
    assert float(_scales(even, thresholds="nearest")) == pytest.approx(1 / STEP, rel=0.06)


def test_a_clip_counts() -> None:
    samples = torch.rand(1, 2000, generator=torch.Generator().manual_seed(0)) * 60
    assert float(_scales(samples, top=6.0)) < 0.3 * float(_scales(samples))
