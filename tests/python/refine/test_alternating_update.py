"""The update of whole networks: what is kept lowers the loss, what is not leaves no trace."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from edgebin.errors import DataError, OptionError
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.hwgq import HWGQ
from edgebin.nn.networks import build
from edgebin.nn.weights import binary_weight
from edgebin.refine.alternating_update import Progress, refine
from edgebin.refine.images import Losses, RefineImages
from edgebin.refine.last_layer import refit_head
from edgebin.refine.layer.binary_layers import binary_layers
from edgebin.refine.options import KEPT, METHODS, RefineOptions
from edgebin.refine.report import LayerResult
from edgebin.refine.teacher.network import check_teacher
from edgebin.train.checkpoint.network import load_network
from edgebin.train.data.source import DataSet
from edgebin.train.loop import fit
from edgebin.train.recipe.recipe import Recipe

OPTIONS = RefineOptions(images=20, holdout=9, batch_size=7, positions=20)


@pytest.fixture
def trained(recipe: Recipe, data: DataSet, tmp_path: Path) -> nn.Module:
    result = fit(recipe, data, tmp_path / "trained", device=torch.device("cpu"))
    return load_network(result.checkpoint)[0]


def loss_of(network: nn.Module, images: RefineImages) -> float:
    return images.losses(network.eval()).mean


@pytest.mark.parametrize("target", ["response", pytest.param("layer", marks=pytest.mark.slow)])
def test_the_loss_that_judges_never_rises(trained: nn.Module, data: DataSet, target: str) -> None:
    options = dataclasses.replace(OPTIONS, target=target, rounds=2)
    images = RefineImages(data, options)
    reported: list[LayerResult] = []
    loss = loss_of(trained, images)
    before = copy.deepcopy(trained)
    results = refine(trained, images, options, on_layer=lambda layer, _: reported.append(layer))
    assert results == reported
    assert [result.round for result in results] == [1] * 18 + [2] * 18
    assert [result.number for result in results] == list(range(1, 37))
    for result in results:
        assert result.loss < loss or not result.kept
        loss = result.loss if result.kept else loss
    assert loss_of(trained, images) == pytest.approx(loss, rel=1e-5)
    moved = any(
        not torch.equal(ours, theirs)
        for ours, theirs in zip(trained.parameters(), before.parameters(), strict=True)
    )
    assert moved is any(result.kept for result in results)


@pytest.mark.slow
@pytest.mark.parametrize("keep", KEPT)
def test_it_goes_on_as_if_nothing_had_been_between(
    trained: nn.Module, data: DataSet, keep: str
) -> None:
    options = dataclasses.replace(OPTIONS, keep=keep)
    images = RefineImages(data, options)
    straight, broken = copy.deepcopy(trained), copy.deepcopy(trained)
    seen: list[Progress] = []

    def stop(result: LayerResult, progress: Progress) -> None:
        seen.append(copy.deepcopy(progress))
        if result.number == 7:
            raise KeyboardInterrupt

    results = refine(straight, images, options)
    with pytest.raises(KeyboardInterrupt):
        refine(broken, images, options, on_layer=stop)
    rest = refine(trained, images, options, progress=seen[-1])
    assert [_untimed(result) for result in rest] == [_untimed(result) for result in results[7:]]
    assert any(result.flips for result in rest)
    for name, value in straight.state_dict().items():
        assert torch.equal(value, trained.state_dict()[name]), name


def _untimed(result: LayerResult) -> LayerResult:
    return dataclasses.replace(result, seconds=0.0)


def test_signs_and_scales_alone_are_no_teacher(trained: nn.Module, data: DataSet) -> None:
    for layer in trained.modules():
        if isinstance(layer, BinaryConv2d):
            layer.weight.data = binary_weight(layer.weight.data)
    images = RefineImages(data, OPTIONS)
    with pytest.raises(OptionError, match="for a network of signs and scales alone, found none"):
        refine(trained, images, OPTIONS)


def test_a_last_layer_refitted_makes_no_teacher_of_signs_and_scales(
    trained: nn.Module, data: DataSet
) -> None:
    layers = binary_layers(trained, next(RefineImages(data, OPTIONS).inputs()))
    for layer in layers[:-1]:
        layer.module.weight.data = binary_weight(layer.module.weight.data)
    assert layers[-1].module.weight.abs().flatten(1).std(1).min() > 0
    with pytest.raises(OptionError, match="of signs and scales alone, found none"):
        check_teacher(trained, layers, None)
    check_teacher(trained, layers[-1:], None)


def test_what_is_not_kept_leaves_no_trace(
    trained: nn.Module, data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgebin.refine.images.Losses.are_below", lambda *_: False)
    before = copy.deepcopy(trained.state_dict())
    results = refine(trained, RefineImages(data, OPTIONS), OPTIONS)
    assert any(result.flips for result in results)
    assert not any(result.kept for result in results)
    for name, value in trained.state_dict().items():
        assert torch.allclose(value, before[name], rtol=1e-6), name


@pytest.mark.parametrize(
    ("where", "calls"), [("losses", 1), ("losses", 4), ("inputs", 2), ("inputs", 3), ("inputs", 5)]
)
def test_an_interrupted_update_leaves_what_was_kept(
    trained: nn.Module, data: DataSet, monkeypatch: pytest.MonkeyPatch, where: str, calls: int
) -> None:
    before = copy.deepcopy(trained.state_dict())
    images = RefineImages(data, OPTIONS)
    done = getattr(images, where)
    left = calls

    def interrupted(*arguments: object) -> object:
        nonlocal left
        left -= 1
        if left > 0:
            return done(*arguments)
        if where == "losses":
            raise KeyboardInterrupt

        def batches() -> Iterator[Tensor]:  # who looks at one batch alone goes on
            yield next(done())
            raise KeyboardInterrupt

        return batches()

    monkeypatch.setattr(images, where, interrupted)
    monkeypatch.setattr("edgebin.refine.images.Losses.are_below", lambda *_: False)
    refining = dataclasses.replace(OPTIONS, target="response")
    with pytest.raises(KeyboardInterrupt):
        refine(trained, images, refining)
    assert not trained.training
    for name, value in trained.state_dict().items():
        assert torch.equal(value, before[name]), name


@pytest.mark.parametrize("method", METHODS)
def test_real_weights_become_binary_ones_better_than_by_their_signs(
    recipe: Recipe, data: DataSet, tmp_path: Path, method: str
) -> None:
    assert recipe.network is not None
    options = {**recipe.network.options, "weights": "float32"}
    real = dataclasses.replace(recipe, network=dataclasses.replace(recipe.network, options=options))
    result = fit(real, data, tmp_path / "real", device=torch.device("cpu"))
    teacher, checkpoint = load_network(result.checkpoint)
    how = dataclasses.replace(OPTIONS, method=method, target="response", keep="all", images=30)
    images = RefineImages(data, dataclasses.replace(how, holdout=9))
    binary = {**checkpoint.options, "weights": "binary"}

    def error(network: nn.Module) -> float:
        x = next(images.inputs())
        with torch.no_grad():
            return float((network.eval()(x) - teacher(x)).square().mean())

    student = build(checkpoint.network, **binary)
    student.load_state_dict(teacher.state_dict())
    by_sign = error(student)
    results = refine(student, images, how, teacher=teacher)
    assert all(result.kept for result in results)
    assert error(student) < by_sign


@pytest.mark.slow
def test_results_follow_from_the_seed(trained: nn.Module, data: DataSet) -> None:
    duplicate = copy.deepcopy(trained)
    first = refine(trained, RefineImages(data, OPTIONS), OPTIONS)
    second = refine(duplicate, RefineImages(data, OPTIONS), OPTIONS)
    assert [dataclasses.replace(result, seconds=0.0) for result in first] == [
        dataclasses.replace(result, seconds=0.0) for result in second
    ]


def test_the_last_layer_is_fitted_to_changed_features(trained: nn.Module, data: DataSet) -> None:
    images = RefineImages(data, OPTIONS)
    head = trained.get_submodule("head")
    assert isinstance(head, nn.Linear)
    with torch.no_grad():
        head.weight.mul_(-0.5)
    before = loss_of(trained, images)
    result = refit_head(trained, images)
    assert result is not None
    assert (result.layer, result.kept) == ("head", True)
    assert result.loss < before
    assert loss_of(trained, images) == pytest.approx(result.loss)
    again = refit_head(trained, images)
    assert again is not None
    assert again.loss >= result.loss * 0.9


@pytest.mark.parametrize("taught", [False, True])
def test_a_binary_last_layer_is_fitted_too(trained: nn.Module, data: DataSet, taught: bool) -> None:
    images = RefineImages(data, OPTIONS)
    network = build(
        "resnet20", num_classes=3, input_size=8, width=0.1, affine=True, last="binary"
    ).eval()
    network.load_state_dict(trained.state_dict())
    head = network.get_submodule("head")
    assert isinstance(head, BinaryLinear)
    with torch.no_grad():
        head.weight.mul_(-1)
    before = loss_of(network, images)
    result = refit_head(network, images, trained if taught else None)
    assert result is not None
    assert (result.layer, result.kept) == ("head", True)
    assert result.loss < before
    assert loss_of(network, images) == pytest.approx(result.loss)


def test_a_binary_last_layer_learns_what_the_teacher_answers(data: DataSet) -> None:
    torch.manual_seed(3)
    images = RefineImages(data, OPTIONS)
    teacher = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 3)).eval()
    assert refit_head(teacher, images) is not None
    begin = nn.Sequential(nn.Flatten(), BinaryLinear(3 * 8 * 8, 3)).eval()

    def size_of_logits(taught_by: nn.Module | None, factor: float = 1.0) -> float:
        student = copy.deepcopy(begin)
        handle = teacher.register_forward_hook(lambda module, inputs, logits: factor * logits)
        result = refit_head(student, images, taught_by)
        handle.remove()
        assert result is not None
        assert result.kept
        assert result.fits == (3 if taught_by is None else 6)
        with torch.no_grad():
            return float(torch.cat([student(x).abs() for x in images.inputs()]).mean())

    # The same weights to begin with, and answers that are surer or less sure.
    assert size_of_logits(teacher, 3.0) > 1.2 * size_of_logits(teacher, 0.3)
    assert size_of_logits(None, 3.0) == size_of_logits(None, 0.3)


def test_an_interrupted_fit_leaves_the_last_layer_as_it_was(
    trained: nn.Module, data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = RefineImages(data, OPTIONS)
    before = {name: value.clone() for name, value in trained.state_dict().items()}
    looked = iter(range(3))

    def losses(self: RefineImages, network: nn.Module) -> Losses:
        if next(looked) == 2:  # with the second trial in place
            raise KeyboardInterrupt
        return whole(self, network)

    whole = RefineImages.losses
    monkeypatch.setattr(RefineImages, "losses", losses)
    with pytest.raises(KeyboardInterrupt):
        refit_head(trained.eval(), images)
    assert all(torch.equal(value, before[name]) for name, value in trained.state_dict().items())


def test_a_network_that_ends_in_no_linear_layer_is_left_alone(data: DataSet) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 3), nn.ReLU()).eval()
    assert refit_head(network, RefineImages(data, OPTIONS)) is None


def test_a_teacher_of_another_shape_is_named(trained: nn.Module, data: DataSet) -> None:
    options = dataclasses.replace(OPTIONS, target="response")
    images = RefineImages(data, options)
    other = build("resnet20", num_classes=3, input_size=8, width=0.3).eval()
    with pytest.raises(
        OptionError, match=r"^teacher: expected weights of shape \(2, 2, 3, 3\) in "
    ):
        refine(trained, images, options, teacher=other)
    with pytest.raises(OptionError, match=r"^teacher: expected a layer layer1.0.conv1 as in the"):
        refine(trained, images, options, teacher=nn.Linear(2, 2))


def test_a_teacher_of_other_thresholds_is_named(trained: nn.Module, data: DataSet) -> None:
    options = dataclasses.replace(OPTIONS, target="response")
    teacher = copy.deepcopy(trained)
    name, act = next((n, m) for n, m in teacher.named_modules() if isinstance(m, HWGQ))
    act.thresholds = "nearest"
    with pytest.raises(
        OptionError, match=f"^teacher: expected the thresholds 'half-wave' in {name} as in the "
    ):
        refine(trained, RefineImages(data, options), options, teacher=teacher)


def test_too_few_images_are_counted(data: DataSet) -> None:
    with pytest.raises(DataError, match=r"^training images: expected at least 40, .*found 34$"):
        RefineImages(data, dataclasses.replace(OPTIONS, images=40))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "x"}, "refine method: expected ascend, bwnh, found 'x'"),
        ({"target": "x"}, "refine target: expected response, layer, found 'x'"),
        ({"method": "bwnh", "target": "layer"}, "refine target: expected response for method bwnh"),
        ({"images": 1}, "refine images: expected at least 2, found 1"),
        ({"holdout": 1}, "refine holdout: expected at least 2, found 1"),
        ({"seed": 2**63}, "refine seed: expected less than 2^63, found 9223372036854775808"),
        ({"rounds": 0}, "refine rounds: expected at least 1, found 0"),
    ],
)
def test_impossible_options_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        RefineOptions(**change)  # type: ignore[arg-type]
    assert message in str(caught.value)
