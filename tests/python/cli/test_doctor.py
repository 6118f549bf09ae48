from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

import edgebin.cli.doctor as command
from edgebin.cli.doctor import show
from edgebin.cli.reports.doctor import lines
from edgebin.doctor import advise, examine
from edgebin.runtime.options import isas
from machine_trees import NAMES, plant, write
from processes.command_line import edgebin

NEW_CONV_ALGO_KEYS = ("conv_algorithm", "conv_algorithm_variable", "requested_conv_algorithm")
KEYS = {
    "edgebin": None,
    "board": {"model", "soc", "compatible"},
    "cores": {"types", "present", "online", "vectors"},
    "system": {"name", "kernel", "process"},
    "kernels": {
        "isas",
        "requested",
        "asked",
        "chosen",
        *NEW_CONV_ALGO_KEYS,
        "product",
        "asked_product",
    },
    "clocks": None,
    "temperatures": None,
    "throttling": {
        *("now", "since_boot", "firmware"),
        *("low_voltage_alarm", "alerts", "supply_events"),
    },
    "power_mode": None,
    "memory": {"total", "available", "swap_total", "swap_free"},
    "load": None,
    "use": None,
    "control_group": {
        *("cpu_quota", "memory_limit", "throttled_periods", "throttled_seconds"),
    },
    "advice": None,
}


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of the machine that the command sees; tests plant one there."""

    def examine_there(**_watch: float) -> object:
        return examine(tmp_path, process=process, environment={})

    process = plant("raspberry-pi-3", tmp_path)
    monkeypatch.setattr(command, "examine", examine_there)
    return tmp_path


def text_of(name: str, root: Path, width: int = 80) -> str:
    process = plant(name, root)
    report = examine(root, process=process, environment={})
    stream = io.StringIO()
    show(Console(file=stream, width=width, markup=False, highlight=False), report, advise(report))
    return stream.getvalue()


@pytest.mark.usefixtures("on")
def test_json_has_the_same_keys_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("doctor", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer.keys() == KEYS.keys()
    for key, inner in KEYS.items():
        assert inner is None or answer[key].keys() == inner
    assert answer["throttling"]["firmware"] == {
        "word": 0x50005,
        "source": "sysfs",
        "now": {
            "under_voltage": True,
            "frequency_capped": False,
            "throttled": True,
            "soft_temperature_limit": False,
        },
        "since_boot": {
            "under_voltage": True,
            "frequency_capped": None,
            "throttled": True,
            "soft_temperature_limit": None,
        },
    }
    assert answer["cores"]["types"] == [
        {"name": "Cortex-A53", "cores": [0, 1, 2, 3], "capacity": None, "has_64_bits": True}
    ]
    assert answer["memory"]["total"] == 944264 * 1024
    assert "power supply" in answer["advice"][0]["text"]


@pytest.mark.usefixtures("on")
def test_advice_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("doctor") == 0
    out = capsys.readouterr().out
    assert "1.  The power supply is too weak now" in out


def test_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("doctor") == 0
    out = capsys.readouterr().out
    assert f"of {', '.join(isas())}" in out
    assert edgebin("doctor", "--json") == 0
    assert json.loads(capsys.readouterr().out)["kernels"]["isas"] == list(isas())


def test_a_wrong_isa_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDGEBIN_ISA", "sse9")
    assert edgebin("doctor") == 0
    out = capsys.readouterr().out
    assert 'none: EDGEBIN_ISA is "sse9", expected one of' in out
    assert '1.  EDGEBIN_ISA is "sse9", which does not exist here' in out


def test_a_wrong_convolution_algorithm_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDGEBIN_CONV_ALGO", "magic")
    assert edgebin("doctor") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert 'no convolution algorithm: EDGEBIN_CONV_ALGO is "magic"' in out
    assert '1. EDGEBIN_CONV_ALGO is "magic", which' in out


@pytest.mark.parametrize("name", NAMES)
def test_rows_fit_80_columns_and_commands_are_in_one_piece(name: str, tmp_path: Path) -> None:
    out = text_of(name, tmp_path)
    report = examine(tmp_path, process=plant(name, tmp_path), environment={})
    commands = {f"    {one.command}" for one in advise(report) if one.command}
    printed = {line.rstrip() for line in out.splitlines()}
    assert commands <= printed
    assert all(len(line) <= 80 for line in printed - commands)


def test_words_of_a_raspberry_pi(tmp_path: Path) -> None:
    process = plant("raspberry-pi-zero-2-w", tmp_path)
    told = dict(lines(examine(tmp_path, process=process, environment={})))
    assert told["board"] == "Raspberry Pi Zero 2 W Rev 1.0, brcm,bcm2837"
    assert told["cores"] == "4 Cortex-A53"
    assert told["clock"] == "cores 0-3: ondemand, now 1000 MHz, limits 600 to 1000 MHz"
    assert told["throttling"] == (
        "now none; since boot under-voltage, throttled; 0x50000 from vcgencmd"
    )
    assert told["supply"] == "good now"
    assert told["memory"] == "436.61 MB, 75.91 MB available; swap 104.85 MB, 82.04 MB of it free"


def test_words_of_different_cores(tmp_path: Path) -> None:
    process = plant("rock-pi-4", tmp_path)
    told = lines(examine(tmp_path, process=process, environment={}))
    assert dict(told)["cores"] == "4 Cortex-A53 (0-3) + 2 Cortex-A72 (4-5)"
    clock = [label for label, _ in told].index("clock")
    assert told[clock + 1] == (
        "",
        "cores 4-5: powersave, now 408 MHz, limits 408 to 1200 MHz (hardware 408 to 1800 MHz)",
    )


def test_clocks_alike_are_one_line(tmp_path: Path) -> None:
    process = plant("laptop", tmp_path)
    write(tmp_path / "sys/devices/system/cpu/cpufreq/policy2/scaling_cur_freq", "3100000\n")
    told = dict(lines(examine(tmp_path, process=process, environment={})))
    assert told["clock"] == "cores 0-3: powersave, now 800 to 3100 MHz, limits 400 to 3100 MHz"


def test_words_of_a_busy_container(tmp_path: Path) -> None:
    process = plant("laptop", tmp_path)
    write(tmp_path / "proc/loadavg", "16.04 9.37 4.00 17/130 28576\n")
    write(tmp_path / "proc/self/cgroup", "0::/\n")
    write(tmp_path / "sys/fs/cgroup/cpu.max", "50000 100000\n")
    write(tmp_path / "sys/fs/cgroup/memory.max", "268435456\n")
    told = dict(lines(examine(tmp_path, process=process, environment={})))
    assert told["load"] == "16.0, 9.4, 4.0 over 1, 5 and 15 minutes"
    assert told["limits"] == "0.5 cores on average, 268.44 MB of memory (control group)"


def test_this_machine_is_watched(capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin("doctor", "--json") == 0
    use = json.loads(capsys.readouterr().out)["use"]
    if use is not None:  # no /proc/stat in some sandboxes
        assert 0 <= use["busy_cores"] <= use["cores"]


def test_what_the_machine_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    write(tmp_path / "proc/device-tree/model", "\x1b[31mred\x07\0")
    report = examine(tmp_path, environment={})
    stream = io.StringIO()
    show(Console(file=stream, width=80, markup=False), report, advise(report))
    assert "\x1b" not in stream.getvalue()
    assert "\\x1b[31mred" in stream.getvalue()
