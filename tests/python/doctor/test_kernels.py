from __future__ import annotations

import pytest

from edgebin.doctor.kernels import kernels
from edgebin.runtime.options import isas


def test_the_best_is_chosen() -> None:
    for environment in ({}, {"EDGEBIN_ISA": ""}):
        found = kernels(environment)
        assert (found.isas, found.requested, found.chosen) == (isas(), None, isas()[0])


def test_the_environment_chooses() -> None:
    found = kernels({"EDGEBIN_ISA": "scalar"})
    assert (found.requested, found.chosen) == ("scalar", "scalar")


@pytest.mark.parametrize("variable", ["EDGEBIN_CONV_ALGO", "EDGEBIN_PRODUCT"])
def test_the_convolution_algorithm_is_the_core_s(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "bit_serial")
    found = kernels()
    assert (found.conv_algorithm, found.requested_conv_algorithm) == ("bit_serial", "bit_serial")
    assert found.conv_algorithm_variable == variable
    monkeypatch.setenv(variable, "magic")
    assert kernels().conv_algorithm is None
    monkeypatch.setenv(variable, "")
    found = kernels({"EDGEBIN_ISA": "scalar"})
    assert (found.conv_algorithm, found.conv_algorithm_variable) == ("bit_serial", None)


def test_a_wrong_choice_is_none() -> None:
    found = kernels({"EDGEBIN_ISA": "sse9"})
    assert (found.requested, found.chosen) == ("sse9", None)
