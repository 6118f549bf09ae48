"""Detectors of PyTorch: outputs by name, labels of the scores, the boxes that PyTorch gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import edgebin
from edgebin.errors import ExportError, OptionError
from graphs.detectors import levels, reference
from graphs.dialect_graphs import EVEN


class Boxes(nn.Module):
    """Two grids with boxes and scores of three classes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 4, 1), nn.ReLU())
        self.down = nn.Sequential(nn.Conv2d(8, 8, 3, 2, 1), nn.ReLU())
        self.boxes = nn.ModuleList(nn.Conv2d(8, 4, 1) for _ in range(2))
        self.scores = nn.ModuleList(nn.Conv2d(8, 3, 1) for _ in range(2))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        near = self.stem(x)
        grids = (near, self.down(near))
        boxes = {f"boxes{i}": self.boxes[i](grid).exp() for i, grid in enumerate(grids)}
        return {**boxes, **{f"scores{i}": self.scores[i](x).sigmoid() for i, x in enumerate(grids)}}


RULE = edgebin.Detect(
    (edgebin.DetectLevel(4, "boxes0", "scores0"), edgebin.DetectLevel(8, "boxes1", "scores1")),
    iou_threshold=0.5,
)
LABELS = ("cat", "dog", "hen")
EXAMPLE = torch.zeros(1, 3, 24, 32)
OPTIONS: dict[str, Any] = {"preprocessing": EVEN, "first": "float32", "last": "float32"}


def task(rule: edgebin.Detect = RULE) -> edgebin.Task:
    return edgebin.Task("detect", threshold=0.4, detect=rule)


def test_boxes_are_those_of_pytorch(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network, path = Boxes().eval(), tmp_path / "boxes.ebn"
    edgebin.export(network, EXAMPLE, path, labels=LABELS, task=task(), **OPTIONS)
    model = edgebin.load(path)
    assert model.task.detect is not None
    assert model.task.detect.levels == levels((4, 0, 2), (8, 1, 3))
    pixels = np.random.default_rng(2).integers(0, 256, (24, 32, 3), np.uint8)
    mean, scale = (torch.tensor(x).reshape(-1, 1, 1) for x in (EVEN.mean, EVEN.scale))
    with torch.no_grad():
        given = (torch.from_numpy(pixels).permute(2, 0, 1)[None] / 255 - mean) / scale
        outputs = [value[0].permute(1, 2, 0).numpy() for value in network(given).values()]
    numbered = RULE.numbered([output.name for output in model.outputs])
    expected = reference(outputs, 0.4, numbered, (24, 32))
    found = model.detect(pixels)
    assert len(found) == len(expected) > 5
    assert [x.label for x in found] == [LABELS[int(row[5])] for row in expected]
    np.testing.assert_allclose([x.box for x in found], expected[:, :4], atol=1e-3)
    np.testing.assert_allclose([x.score for x in found], expected[:, 4], atol=1e-5)


def test_what_does_not_suit_the_network_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "boxes.ebn"
    wrong = edgebin.Detect((edgebin.DetectLevel(4, "boxes", "scores0"),))
    with pytest.raises(OptionError, match=r"expected an output, boxes0, boxes1, .* found 'boxes'"):
        edgebin.export(Boxes().eval(), EXAMPLE, path, task=task(wrong), **OPTIONS)
    with pytest.raises(ExportError, match="labels: expected 3, one per channel of the scores"):
        edgebin.export(Boxes().eval(), EXAMPLE, path, labels=("a",), task=task(), **OPTIONS)
    swapped = edgebin.Detect((edgebin.DetectLevel(4, "scores0", "boxes0"),))
    with pytest.raises(edgebin.EdgebinError, match="expected 4 channels"):
        edgebin.export(Boxes().eval(), EXAMPLE, path, task=task(swapped), **OPTIONS)
    assert not path.exists()
