from __future__ import annotations

from edgebin.doctor.kernels import kernels
from edgebin.model import isas


def test_the_best_is_chosen() -> None:
    for environment in ({}, {"EDGEBIN_ISA": ""}):
        found = kernels(environment)
        assert (found.isas, found.asked, found.chosen) == (isas(), None, isas()[0])


def test_the_environment_chooses() -> None:
    found = kernels({"EDGEBIN_ISA": "scalar"})
    assert (found.asked, found.chosen) == ("scalar", "scalar")


def test_a_wrong_choice_is_none() -> None:
    found = kernels({"EDGEBIN_ISA": "sse9"})
    assert (found.asked, found.chosen) == ("sse9", None)
