"""The search for signs: never worse, as good as trying all, and exact where an exact answer is."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor

from edgebin.refine.layer.coordinate_ascent import alternating_scales, coordinate_ascent
from edgebin.refine.layer.moments import Moments, MomentSums

METHODS = [coordinate_ascent, alternating_scales]


def moments_of(x: Tensor, s: Tensor, *, centred: bool = True) -> Moments:
    sums = MomentSums(x.shape[1], s.shape[1], x.device)
    sums.add(x, s)
    return sums.moments(centred=centred)


def explained(moments: Moments, signs: Tensor) -> Tensor:
    p = (signs.double() * moments.cross.T).sum(1)
    r = ((signs.double() @ moments.gram) * signs).sum(1)
    return torch.where(p > 0, p.square() / r, 0.0)


def random_layer(seed: int, inputs: int, outputs: int, rows: int = 300) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randint(0, 4, (rows, inputs), generator=generator).float()
    real = torch.randn(outputs, inputs, generator=generator)
    noise = torch.randn(rows, outputs, generator=generator)
    return x, real, x @ real.T + 0.3 * noise


@pytest.mark.parametrize("method", METHODS)
def test_a_tiny_layer_ends_as_good_as_the_best_of_all_signs(method: object) -> None:
    every = torch.tensor(list(product([-1.0, 1.0], repeat=7)), dtype=torch.float64)
    best_found = 0
    channels = 0
    for seed in range(60):
        x, real, s = random_layer(seed, 7, 4)
        moments = moments_of(x, s)
        p = every @ moments.cross
        r = ((every @ moments.gram) * every).sum(1)
        best = torch.where(p > 0, p.square() / r[:, None], 0.0).amax(0)
        found = method(moments, torch.where(real >= 0, 1.0, -1.0)).explained  # type: ignore[operator]
        assert (found <= best * (1 + 1e-12)).all()
        best_found += int((found >= best * (1 - 1e-9)).sum())
        channels += 4
    # Coordinate descent may end in a local optimum; from the signs of real weights it rarely does.
    assert best_found >= 0.97 * channels


@pytest.mark.parametrize("method", METHODS)
def test_more_sweeps_never_explain_less(method: object) -> None:
    x, real, s = random_layer(1, 60, 12)
    moments = moments_of(x, s)
    begin = torch.where(torch.randn(real.shape) >= 0, 1.0, -1.0)
    before = explained(moments, begin)
    for sweeps in (1, 2, 3, 20):
        found = method(moments, begin, sweeps=sweeps, tolerance=0.0)  # type: ignore[operator]
        assert (found.explained >= before * (1 - 1e-12)).all()
        before = found.explained
    assert before.sum() > 1.05 * explained(moments, begin).sum()


def test_ascent_ends_where_no_single_flip_helps() -> None:
    x, real, s = random_layer(2, 24, 5)
    moments = moments_of(x, s)
    found = coordinate_ascent(moments, torch.where(real >= 0, 1.0, -1.0), sweeps=100, tolerance=0.0)
    for k in range(24):
        flipped = found.signs.clone()
        flipped[:, k] *= -1
        assert (explained(moments, flipped) <= found.explained * (1 + 1e-9)).all()


@pytest.mark.parametrize("method", METHODS)
def test_binary_answers_are_recovered_exactly_from_any_begin(method: object) -> None:
    generator = torch.Generator().manual_seed(3)
    x = torch.randint(0, 4, (4000, 30), generator=generator).float()
    signs = torch.where(torch.rand(8, 30, generator=generator) < 0.5, -1.0, 1.0)
    scales = torch.rand(8, generator=generator) + 0.1
    s = x @ (signs * scales[:, None]).T + 5.0  # an intercept is free
    begin = torch.where(torch.rand(8, 30, generator=generator) < 0.5, -1.0, 1.0)
    found = method(moments_of(x, s), begin)  # type: ignore[operator]
    assert torch.equal(found.signs, signs.double())
    assert torch.allclose(found.scales, scales.double(), rtol=1e-4)


def test_what_is_said_to_be_explained_is_what_the_signs_explain() -> None:
    x, real, s = random_layer(4, 40, 6)
    moments = moments_of(x, s)
    begin = torch.where(real >= 0, 1.0, -1.0)
    found = coordinate_ascent(moments, begin)
    assert torch.allclose(found.explained, explained(moments, found.signs))
    assert found.explained_before == pytest.approx(float(explained(moments, begin).sum()))
    centred = x.double() - x.double().mean(0)
    answers = (centred @ found.signs.T) * found.scales
    error = (s.double() - s.double().mean(0) - answers).square().mean(0)
    power = s.double().var(0, correction=0)
    assert torch.allclose(power - error, found.explained, rtol=1e-4)


def test_a_channel_that_answers_the_wrong_way_round_is_turned() -> None:
    x, real, s = random_layer(5, 20, 3)
    moments = moments_of(x, s)
    signs = torch.where(real >= 0, 1.0, -1.0)
    assert torch.equal(
        coordinate_ascent(moments, -signs).signs, coordinate_ascent(moments, signs).signs
    )


def test_an_input_that_never_changes_explains_nothing() -> None:
    x, s = torch.ones(50, 6), torch.randn(50, 2)
    found = coordinate_ascent(moments_of(x, s), torch.ones(2, 6))
    assert found.explained.tolist() == [0.0, 0.0]
    assert found.scales.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("method", METHODS)
def test_an_answer_that_never_changes_is_left(method: object) -> None:
    one = torch.randint(0, 4, (200, 1), generator=torch.Generator().manual_seed(8)).float()
    found = method(  # type: ignore[operator]
        moments_of(one.expand(-1, 2), 4 * one), torch.tensor([[1.0, -1.0]])
    )
    assert found.signs.tolist() == [[1.0, 1.0]]
    assert found.scales.item() == pytest.approx(2.0)


@pytest.mark.parametrize("method", METHODS)
def test_a_layer_of_one_input(method: object) -> None:
    one = torch.randint(0, 4, (200, 1), generator=torch.Generator().manual_seed(9)).float()
    s = torch.cat([2 * one, -3 * one, torch.ones(200, 1)], 1)
    found = method(moments_of(one, s), torch.ones(3, 1))  # type: ignore[operator]
    assert found.signs[:2].tolist() == [[1.0], [-1.0]]
    assert found.scales.tolist() == pytest.approx([2.0, 3.0, 0.0], abs=1e-6)


def test_inputs_beyond_a_block_are_visited_alike() -> None:
    x, real, s = random_layer(10, 150, 9, rows=2000)
    moments = moments_of(x, s)
    begin = torch.where(real >= 0, 1.0, -1.0)
    found = coordinate_ascent(moments, begin, sweeps=1)
    signs = begin.double()
    for k in range(150):
        flipped = signs.clone()
        flipped[:, k] *= -1
        better = explained(moments, flipped) > explained(moments, signs)
        signs = torch.where(better[:, None], flipped, signs)
    assert not torch.equal(signs, begin.double())
    assert torch.equal(found.signs, signs)


def test_moments_of_codes_are_exact() -> None:
    generator = torch.Generator().manual_seed(6)
    x = torch.randint(0, 4, (5000, 17), generator=generator)
    s = torch.randn(5000, 3, generator=generator)
    sums = MomentSums(17, 3, torch.device("cpu"))
    for start in range(0, 5000, 700):
        sums.add(x[start : start + 700].float(), s[start : start + 700])
    exact = x.T @ x  # in integers
    assert torch.equal(sums.moments(centred=False).gram, exact.double() / 5000)
    wide = s.double()
    centred = (x.double() - x.double().mean(0)).T @ (wide - wide.mean(0)) / len(x)
    assert torch.allclose(sums.moments().cross, centred, atol=1e-6)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_finds_the_same_signs() -> None:
    x, real, s = random_layer(7, 100, 20)
    begin = torch.where(real >= 0, 1.0, -1.0)
    here, there = moments_of(x, s), moments_of(x.cuda(), s.cuda())
    assert torch.equal(here.gram, there.gram.cpu())
    assert torch.equal(
        coordinate_ascent(here, begin).signs, coordinate_ascent(there, begin.cuda()).signs.cpu()
    )
