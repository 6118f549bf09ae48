"""A short run of `stress.py`, and that it tells what goes wrong."""

from __future__ import annotations

import pytest

from stress import main, stress

pytestmark = pytest.mark.usefixtures("python")  # networks run in a process of their own


@pytest.mark.parametrize("networks", [8, pytest.param(40, marks=pytest.mark.slow)])
def test_networks_of_one_seed(networks: int) -> None:
    report = stress(seed=0, indices=range(networks), seconds=240)
    assert report.failure is None, report.index
    assert report.ran["networks"] == networks


def test_a_failure_ends_in_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "7", "--case", "-1"]) == 1, "no generator has a negative seed"
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("stress.py --seed 7 --case -1: ValueError: ")
