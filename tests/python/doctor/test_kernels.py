from __future__ import annotations

import pytest

from edgebin.doctor.kernels import kernels
from edgebin.runtime.model import isas


def test_the_best_is_chosen() -> None:
    for environment in ({}, {"EDGEBIN_ISA": ""}):
        found = kernels(environment)
        assert (found.isas, found.asked, found.chosen) == (isas(), None, isas()[0])


def test_the_environment_chooses() -> None:
    found = kernels({"EDGEBIN_ISA": "scalar"})
    assert (found.asked, found.chosen) == ("scalar", "scalar")


def test_the_product_is_the_core_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEBIN_PRODUCT", "bit_serial")
    found = kernels()
    assert (found.product, found.asked_product) == ("bit_serial", "bit_serial")
    monkeypatch.setenv("EDGEBIN_PRODUCT", "magic")
    assert kernels().product is None
    monkeypatch.setenv("EDGEBIN_PRODUCT", "")
    assert kernels({"EDGEBIN_ISA": "scalar"}).product == "bit_serial"


def test_a_wrong_choice_is_none() -> None:
    found = kernels({"EDGEBIN_ISA": "sse9"})
    assert (found.asked, found.chosen) == ("sse9", None)
