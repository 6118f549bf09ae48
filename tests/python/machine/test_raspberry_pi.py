from __future__ import annotations

import time
from pathlib import Path

import pytest

from edgebin.machine import raspberry_pi
from edgebin.machine.raspberry_pi import decode, firmware, low_voltage_alarm
from machine_trees import plant, write

NAMES = ("under_voltage", "frequency_capped", "throttled", "soft_temperature_limit")
PLATFORM = "sys/devices/platform"


@pytest.mark.parametrize("bit", range(4))
def test_every_bit_has_its_name(bit: int) -> None:
    now, past = decode(1 << bit, "vcgencmd"), decode(1 << 16 + bit, "vcgencmd")
    assert now.now == past.since_boot == {name: name == NAMES[bit] for name in NAMES}
    assert not any(now.since_boot.values())
    assert not any(past.now.values())


def test_sysfs_does_not_tell_that_something_has_not_been() -> None:
    past = decode(0x10000, "sysfs").since_boot
    assert past == {"under_voltage": True, **dict.fromkeys(NAMES[1:])}


@pytest.mark.parametrize(
    ("name", "word", "source"),
    [
        ("raspberry-pi-3", 0x50005, "sysfs"),
        ("raspberry-pi-4", 0, "sysfs"),
        ("raspberry-pi-zero-2-w", 0x50000, "vcgencmd"),
        ("raspberry-pi-5", 0xE0008, "vcgencmd"),
    ],
)
def test_sources(name: str, word: int, source: str, tmp_path: Path) -> None:
    plant(name, tmp_path)
    found = firmware(tmp_path)
    assert found is not None
    assert (found.word, found.source) == (word, source)


def test_the_node_of_a_pi_5(tmp_path: Path) -> None:
    chip = "soc@107c000000"
    write(tmp_path / f"{PLATFORM}/{chip}/{chip}:firmware/get_throttled", "8\n")
    found = firmware(tmp_path)
    assert found is not None
    assert [name for name, is_so in found.now.items() if is_so] == ["soft_temperature_limit"]


@pytest.mark.parametrize(
    "program",
    [
        "#!/bin/sh\necho 'VCHI initialization failed'; exit 255\n",
        '#!/bin/sh\necho error=2 error_msg="Invalid arguments"\n',
        "#!/nowhere/sh\n",
        "#!/bin/sh\nprintf '\\377\\377'\n",
        "no program\n",
    ],
)
def test_sysfs_stands_in_for_a_vcgencmd_that_fails(program: str, tmp_path: Path) -> None:
    write(tmp_path / "usr/bin/vcgencmd", program)
    assert firmware(tmp_path) is None
    write(tmp_path / f"{PLATFORM}/soc/soc:firmware/get_throttled", "4\n")
    found = firmware(tmp_path)
    assert found is not None
    assert (found.word, found.source) == (4, "sysfs")


def test_a_vcgencmd_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "usr/bin/vcgencmd", "#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(raspberry_pi, "_SECONDS", 0.2)
    begin = time.monotonic()
    assert firmware(tmp_path) is None
    assert time.monotonic() - begin < 30


@pytest.mark.parametrize("text", ["", "xyz", "-1", "123456789", "throttled=", "0x0 0x0"])
def test_no_word(text: str, tmp_path: Path) -> None:
    write(tmp_path / f"{PLATFORM}/soc/soc:firmware/get_throttled", f"{text}\n")
    assert firmware(tmp_path) is None


def test_the_alarm_is_found_by_name(tmp_path: Path) -> None:
    assert low_voltage_alarm(tmp_path) is None
    plant("raspberry-pi-3", tmp_path)
    assert low_voltage_alarm(tmp_path) is True
    write(tmp_path / "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    assert low_voltage_alarm(tmp_path) is False
    write(tmp_path / "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "?\n")
    assert low_voltage_alarm(tmp_path) is None
