"""What `edgebin bench` prints and writes about recorded measurements."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from edgebin.cli.figures.bench import draw_bench
from edgebin.cli.reports.bench.document import document
from edgebin.cli.reports.bench.histogram import histogram_lines
from edgebin.cli.reports.bench.profile_note import profile_note
from edgebin.cli.reports.bench.table import print_results
from edgebin.cli.reports.bench.text import facts, heading, verdict
from edgebin.cli.terminal.old_keys import with_old_keys
from edgebin.machine.activity.energy import EnergyUse
from edgebin.runtime.measure import MemorySample, Result
from measurements import QUIET, QUIET_PI, STEPS, measurement, result, times

DATE = "2026-01-01T00:00:00+00:00"
OLD = Path(__file__).parents[3] / "fixtures/0.1.0/bench.json"


def texts(of: Result) -> dict[str, str]:
    return dict(facts(of, "0.2.0", DATE))


def test_a_document_has_schema_version_and_the_old_keys() -> None:
    answer = document([result(measurement()), result(measurement(), model="other")], DATE)
    assert (answer["schema"], answer["version"]) == ("edgebin.bench", 1)
    printed = with_old_keys(answer)
    assert isinstance(printed, dict)
    assert json.loads(OLD.read_text()).keys() <= printed.keys()
    assert [one["model"] for one in answer["results"]] == ["m.ebn", "other"]
    assert answer["model"] == "m.ebn"
    assert json.loads(json.dumps(answer, allow_nan=False)) == json.loads(json.dumps(answer))


def test_the_file_and_the_build_have_their_hash(tmp_path: Path) -> None:
    path = tmp_path / "a.ebn"
    path.write_bytes(b"model")
    found = result(measurement())
    found = replace(found, case=replace(found.case, path=path))
    answer = document([found], DATE)
    assert answer["results"][0]["sha256"] == hashlib.sha256(b"model").hexdigest()
    assert len(answer["build"]["sha256"]) == 64


def test_many_times_of_a_duration_are_thinned_and_a_given_number_is_not() -> None:
    many = times(calls=25_000)
    (entry,) = document([result(measurement(many))], DATE)["results"]
    (one,) = entry["rounds"]
    assert (one["calls"], one["run_ms_step"], len(one["run_ms"])) == (25_000, 3, 8_334)
    (entry,) = document([result(measurement(many), runs=25_000)], DATE)["results"]
    assert len(entry["rounds"][0]["run_ms"]) == 25_000


def test_a_quiet_machine_is_valid_in_text_and_json() -> None:
    found = result(measurement())
    assert verdict(found)[0][0] == "VALID"
    assert document([found], DATE)["valid"] is True


def test_each_reason_is_a_line() -> None:
    hot = result(measurement(stable=False), machine=replace(QUIET_PI, throttled=True))
    lines = verdict(hot)
    assert [label for label, _ in lines] == ["INVALID", ""]
    assert lines[0][1] == "heat or weak supply slowed the machine down"
    answer = document([hot], DATE)
    assert answer["valid"] is False
    codes = [one["code"] for one in answer["results"][0]["verdict"]["reasons"]]
    assert codes == ["throttled", "warmup"]


def test_one_bad_round_makes_the_result_invalid() -> None:
    found = result(measurement(), measurement(times(calls=5)), measurement())
    assert [one.code for one in found.reasons] == ["few_calls"]


def test_the_words_of_a_result() -> None:
    grown = (MemorySample(0.1, 29_000_000), MemorySample(0.9, 31_000_000))
    energy = (EnergyUse("rapl package-0", 30.0, 30.0),)
    container = replace(QUIET_PI, cpu_quota=1.5, memory_limit_bytes=512_000_000)
    told = texts(result(measurement(memory=grown, energy=energy), machine=container, batch=4))
    assert told["images/s"] == "4,000.0"
    assert told["image ms"] == "0.2500, the median over the batch"
    assert told["memory"].endswith("grew by 2.00 MB over 0.9 s")
    assert told["limits"] == "control group: 1.5 cores on average, 512.00 MB of memory"
    assert told["energy"].startswith("rapl package-0 30.00 W, 75 mJ an image")
    assert told["cpu"] == (
        "seen on cores 0, 2, CPU time 98% of wall time, 25 involuntary switches/s, "
        "others used 0.1 of 4 cores, steal 0.0%, load 0.3"
    )
    assert "1800 MHz" in told["machine"], "while it computed, not before"


def test_memory_that_grows_little_is_steady() -> None:
    little = (MemorySample(0.1, 29_000_000), MemorySample(0.9, 29_200_000))
    assert texts(result(measurement(memory=little)))["memory"].endswith("steady over 0.9 s")


def test_rounds_are_told_with_what_is_between_them() -> None:
    told = texts(result(measurement(), measurement(times(1.1)), measurement(times(1.02))))
    assert told["rounds"] == "3 processes, medians 1.000 to 1.100 ms (10.0% apart)"


def test_a_heading_names_streams() -> None:
    assert heading(result(measurement(), streams=3, batch=2)) == (
        "m.ebn: neon, 1 thread, batch 2, 3 streams"
    )


@pytest.mark.parametrize(("ascii_only", "block"), [(False, "█"), (True, "#")])
def test_a_histogram_fits_80_columns(ascii_only: bool, block: str) -> None:
    lines = histogram_lines([*times(1234.5, 5000, 0.5), 90_000.0], ascii_only=ascii_only)
    assert len(lines) <= 10
    assert max(map(len, lines)) <= 78
    assert block * 20 in "".join(lines)
    assert sum(int(line.split()[-1].replace(",", "")) for line in lines) == 5001
    if ascii_only:
        assert all(line.isascii() for line in lines)


@pytest.mark.parametrize(
    ("median", "plan", "words"),
    [
        (0.52, {}, "they agree"),
        (0.9, {}, "the other 0.4000 ms are the call from Python"),
        (0.4, {}, "each of them reads the clock"),
        (2.0, {"batch": 4}, "one image at a time"),
        (2.0, {"streams": 2}, "of one caller alone"),
    ],
)
def test_why_steps_do_not_sum_to_a_call(median: float, plan: dict[str, Any], words: str) -> None:
    found = result(measurement(times(median), steps=STEPS), **plan)
    assert "sum to 0.5000 ms" in profile_note(found)
    assert words in profile_note(found)


def test_an_invalid_measurement_explains_the_difference() -> None:
    busy = replace(QUIET, others_cores=4.0)
    note = profile_note(result(measurement(times(9.0), steps=STEPS, activity=busy)))
    assert "the measurement is INVALID" in note


def test_a_table_fits_80_columns_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    long = result(measurement(), model="a-rather-long-name-of-a-network-of-mine.ebn")
    busy = result(measurement(activity=replace(QUIET, steal_share=0.5)), model="b.ebn", threads=2)
    print_results(Console(width=80, markup=False, highlight=False), [long, busy, busy])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].split()[-1] == "VALID"
    assert "2 of 3 results: the hypervisor took 50.0% of the time" in " ".join(lines[4:])


def test_a_figure_has_histograms_and_profiles(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    profiled = result(measurement(steps=STEPS), model="_$\\frac$")
    sizes = []
    for name, results in (("a.png", [result(measurement())]), ("b.png", [profiled, profiled])):
        draw_bench(results, "a title", tmp_path / name)
        content = (tmp_path / name).read_bytes()
        assert content.startswith(b"\x89PNG")
        sizes.append(int.from_bytes(content[20:24], "big"))
    assert sizes[1] > sizes[0], "profiles stand below"
