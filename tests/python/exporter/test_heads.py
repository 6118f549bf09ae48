"""What ends a network: softmax, log_softmax, a sigmoid of one logit, and the classes of each."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import edgebin

X = torch.zeros(1, 3, 8, 8)


def _body(classes: int) -> list[nn.Module]:
    torch.manual_seed(5)
    return [
        *(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        nn.Linear(8, classes),
    ]


def _pixels() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)


def _exported(tmp_path: Path, model: nn.Module, **options: object) -> edgebin.Model:
    edgebin.export(model.eval(), X, tmp_path / "m.ebn", **options)  # type: ignore[arg-type]
    return edgebin.load(tmp_path / "m.ebn")


def _output(model: nn.Module) -> Tensor:
    with torch.no_grad():
        result: Tensor = model((torch.from_numpy(_pixels()).permute(2, 0, 1) / 255)[None])
    return result


@pytest.mark.parametrize("ending", [[], [nn.Sigmoid()], [nn.Sigmoid(), nn.Flatten(0)]])
@pytest.mark.parametrize("labels", [["good", "defect"], ["defect"]])
def test_one_logit_has_two_classes_whose_scores_are_its_sigmoid(
    ending: list[nn.Module], labels: list[str], tmp_path: Path
) -> None:
    body = nn.Sequential(*_body(1))
    model = nn.Sequential(body, *ending)
    ends = {"first": "float32", "last": "float32"}
    file = _exported(tmp_path, model, labels=labels, **ends)
    assert file.labels == ("good" if len(labels) == 2 else "not defect", "defect")
    logit = float(_output(body))
    wanted = {"defect": 1 / (1 + math.exp(-logit)), file.labels[0]: 1 / (1 + math.exp(logit))}
    found = {prediction.label: prediction.score for prediction in file(_pixels())}
    assert found.keys() == wanted.keys()
    for label, score in wanted.items():
        assert math.isclose(found[label], score, abs_tol=1e-6)
    assert file.run(_pixels()[None]).shape == (1, 2)
    assert edgebin.verify(tmp_path / "m.ebn").exact


def test_a_sigmoid_without_labels_has_two_classes_too(tmp_path: Path) -> None:
    file = _exported(tmp_path, nn.Sequential(*_body(1), nn.Sigmoid()))
    assert [p.label for p in file(_pixels())] in (["0", "1"], ["1", "0"])


def test_one_number_without_labels_stays_one_number_and_says_so(tmp_path: Path) -> None:
    with pytest.warns(edgebin.ExportWarning, match="one output and no labels: read its value"):
        file = _exported(tmp_path, nn.Sequential(*_body(1)))
    assert file.run(_pixels()[None]).shape == (1, 1)


def test_three_labels_of_one_logit_are_too_many(tmp_path: Path) -> None:
    model = nn.Sequential(*_body(1)).eval()
    with pytest.raises(edgebin.ExportError, match=r"expected 2, .*one logit has two classes.* 3"):
        edgebin.export(model, X, tmp_path / "m.ebn", labels=["a", "b", "c"])


@pytest.mark.parametrize("ending", [nn.Softmax(1), nn.LogSoftmax(1)])
def test_scores_are_those_of_the_softmax(ending: nn.Module, tmp_path: Path) -> None:
    body = nn.Sequential(*_body(4))
    ends = {"first": "float32", "last": "float32"}
    file = _exported(tmp_path, nn.Sequential(body, ending), **ends)
    wanted = torch.softmax(_output(body), 1)[0]
    for prediction in file(_pixels()):
        assert math.isclose(prediction.score, float(wanted[prediction.index]), abs_tol=1e-6)


def test_logits_with_and_without_log_softmax_are_one_output_twice() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(*_body(3))

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            y = self.body(x)
            return y, torch.log_softmax(y, 1)

    (refusal,) = edgebin.check_export(Both(), X)
    assert "expected each once" in refusal.found


def test_the_last_layer_of_one_logit_is_rounded_as_any_last_layer(tmp_path: Path) -> None:
    network = edgebin.export(nn.Sequential(*_body(1)).eval(), X, tmp_path / "m.ebn", labels=["a"])
    kinds = [n.constants["weights"].dtype.name for n in network.graph.nodes if n.op == "linear"]
    assert kinds == ["int8", "float32"]
