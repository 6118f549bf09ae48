"""Batches of about one size, none of a single image, and a judgement that knows its noise."""

from __future__ import annotations

import pytest
import torch

from edgebin.refine.images import Losses, RefineImages
from edgebin.refine.options import RefineOptions
from edgebin.train.data.source import DataSet


@pytest.mark.parametrize(
    ("images", "size", "expected"),
    [(20, 7, [7, 7, 6]), (15, 7, [5, 5, 5]), (3, 2, [3]), (9, 2, [3, 2, 2, 2]), (14, 7, [7, 7])],
)
def test_batches_are_of_about_one_size(
    data: DataSet, images: int, size: int, expected: list[int]
) -> None:
    options = RefineOptions(images=images, holdout=2, batch_size=size)
    found = RefineImages(data, options)
    assert [len(x) for x in found.inputs()] == expected
    assert [len(labels) for _, labels in found.measured()] == expected


def test_images_to_measure_on_and_to_judge_by_are_others(data: DataSet) -> None:
    options = RefineOptions(images=25, holdout=18)
    found = RefineImages(data, options)
    measured = torch.cat(list(found.inputs()))
    judged: list[torch.Tensor] = []

    class Watch(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            judged.append(x)
            return x.mean((2, 3))

    assert len(found.losses(Watch()).each) == 18
    every = torch.cat([measured, *judged]).flatten(1)
    assert len({tuple(row) for row in every.tolist()}) == 43


def test_losses_are_below_others_beyond_their_noise() -> None:
    def losses(*each: float) -> Losses:
        return Losses(torch.tensor(each, dtype=torch.float64), sum(each) / len(each), 0.0)

    old = losses(1.0, 2.0, 3.0, 4.0)
    assert losses(0.9, 1.9, 2.9, 3.9).are_below(old)
    assert losses(0.9, 2.0, 2.8, 4.0).are_below(old)
    assert not losses(0.0, 2.5, 2.9, 4.5).are_below(old)  # lower, but it may be chance
    assert not old.are_below(old)
    assert not losses(1.1, 2.1, 3.1, 4.1).are_below(old)
