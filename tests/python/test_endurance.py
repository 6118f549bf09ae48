"""A short run of `endurance.py`, and that it tells of memory that grows."""

from __future__ import annotations

from pathlib import Path

import pytest

import endurance


@pytest.mark.slow
def test_memory_is_stable_for_some_seconds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert endurance.main(["--seconds", "4", "--output", str(tmp_path / "results.json")]) == 0
    assert "rounds" in capsys.readouterr().out


@pytest.mark.slow
def test_a_machine_that_is_slow_still_does_eight_rounds() -> None:
    models = sorted(endurance.SHIPPED.glob("*.ebn"))
    samples, rounds, _ = endurance.endure(models, 0.001)
    assert (len(samples), rounds) == (8, 8)


def test_growth_is_that_of_the_least_between_the_quarters() -> None:
    steady = [100, 90, 50, 55, 70, 50, 52, 50]
    assert endurance.growth(steady) == 0
    assert endurance.growth([10 * step for step in range(40)]) == 200
