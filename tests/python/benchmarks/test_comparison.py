"""Ratios, spreads and the table, against numbers worked out by hand."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from isolated import Seen
from speed.comparison import NO_SWITCH, OWN, Case, Comparison, spread, switches

MB = 1_000_000


def seen(median_ms: float, *, peak: int = 70 * MB, logits: tuple[float, ...] = (1, 2)) -> Seen:
    return Seen(
        load_ms=4.0,
        first_ms=9.0,
        median_ms=median_ms,
        p90_ms=2 * median_ms,
        min_ms=median_ms / 2,
        ground_memory_bytes=30 * MB,
        import_memory_bytes=40 * MB,
        peak_memory_bytes=peak,
        facts={"chosen": "kernel 20", "arena_bytes": 5},
        logits=list(logits),
    )


def case(peer: str, precision: str, *, threads: int = 1, held: bool = False) -> Case:
    return Case("resnet20", threads, peer, precision, held)


EDGEBIN, INT8 = case(OWN, "W1A2"), case("onnxruntime", "int8")


def comparison() -> Comparison:
    """Edgebin in rounds 0 and 1; a peer in these and in a third, and once held to AVX2."""
    own = {0: seen(2.0), 1: seen(4.0)}
    peer = {0: seen(3.0, peak=90 * MB), 1: seen(10.0, peak=50 * MB), 2: seen(99.0, peak=80 * MB)}
    held = case("openvino", "fp32", held=True)
    return Comparison(
        seen={INT8: peer, EDGEBIN: own, held: {0: seen(8.0)}},
        model_bytes={INT8: 300_000, EDGEBIN: 47_000, held: 1_100_000},
        baselines={"resnet20": np.array([1.0, 2.0])},
    )


def test_ratios_are_of_the_same_round() -> None:
    assert comparison().ratios(INT8) == [1.5, 2.5]
    assert comparison().ratios(EDGEBIN) == [1.0, 1.0]


@pytest.mark.parametrize(
    "other",
    [case("onnxruntime", "int8", threads=2), case("openvino", "int8", held=True)],
    ids=["threads", "isa"],
)
def test_there_is_no_ratio_to_edgebin_in_another_way(other: Case) -> None:
    made = comparison()
    made.seen[other] = {0: seen(3.0)}
    assert made.ratios(other) == []


def test_what_is_held_to_avx2_is_held_against_edgebins_avx2_kernels() -> None:
    made = comparison()
    made.seen[case(OWN, "W1A2", held=True)] = {0: seen(4.0)}
    assert made.ratios(case("openvino", "fp32", held=True)) == [2.0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0], {"min": 3.0, "median": 3.0, "max": 3.0}),
        ([9.0, 1.0, 2.0], {"min": 1.0, "median": 2.0, "max": 9.0}),
        ([4.0, 1.0, 2.0, 8.0], {"min": 1.0, "median": 3.0, "max": 8.0}),
        ([], None),
    ],
)
def test_a_spread_is_minimum_median_and_maximum(
    values: list[float], expected: dict[str, float] | None
) -> None:
    assert spread(values) == expected


def test_a_row_has_every_figure() -> None:
    row = comparison().rows()[0]
    assert row == {
        "network": "resnet20",
        "threads": 1,
        "peer": "onnxruntime",
        "precision": "int8",
        "isa": "default",
        "chosen": "kernel 20",
        "arena_bytes": 5,
        "correlation_with_float_twin": pytest.approx(1.0),
        "median_ms": {"min": 3.0, "median": 10.0, "max": 99.0},
        "p90_ms": 20.0,
        "ratio_to_edgebin": {"min": 1.5, "median": 2.0, "max": 2.5},
        "smallest_ratio": 1.5,
        "load_ms": 4.0,
        "first_ms": 9.0,
        "peak_memory_bytes": 80 * MB,
        "above_numpy_and_pillow_bytes": 50 * MB,
        "file_bytes": 300_000,
        "rounds_median_ms": [3.0, 10.0, 99.0],
    }


def test_a_row_that_has_nothing_to_be_held_against_says_so() -> None:
    row = comparison().rows()[2]
    found = (row["isa"], row["ratio_to_edgebin"], row["smallest_ratio"])
    assert found == ("avx2", None, None)


@pytest.mark.parametrize(
    ("logits", "expected"), [((10.0, 20.0, 30.0), 1.0), ((5.0, 3.0, 1.0), -1.0), ((1, 3, 2), 0.5)]
)
def test_agreement_is_the_correlation_with_the_twin(
    logits: tuple[float, ...], expected: float
) -> None:
    made = Comparison(baselines={"resnet20": np.array([1.0, 2.0, 3.0])})
    assert made.agreement(INT8, seen(1.0, logits=logits)) == pytest.approx(expected)
    assert made.agreement(EDGEBIN, seen(1.0, logits=logits)) is None


def test_the_table_has_the_fastest_first() -> None:
    screen = Console(width=180, file=io.StringIO(), record=True)
    screen.print(comparison().table())
    lines = [line for line in screen.export_text().splitlines() if "resnet20" in line]
    cells = [[cell.strip() for cell in line.strip("│ ").split("│")] for line in lines]
    assert [row[2:8] for row in cells] == [
        ["default", "edgebin W1A2", "3.00", "2.00", "1.00", "1.00 (1.00-1.00)"],
        ["default", "ONNX Runtime int8", "10.00", "3.00", "1.50", "2.00 (1.50-2.50)"],
        ["avx2", "OpenVINO fp32", "8.00", "8.00", "-", "-"],
    ]
    assert cells[1][8:] == ["4.0", "80", "0.30", "kernel 20"]


def test_switches_name_every_runtime() -> None:
    assert switches() == {
        "edgebin": {"EDGEBIN_ISA": "avx2"},
        "openvino": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
        "onnxruntime": NO_SWITCH,
        "ncnn": NO_SWITCH,
        "litert": NO_SWITCH,
    }
