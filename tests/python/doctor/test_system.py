from __future__ import annotations

from pathlib import Path

import pytest

from edgebin.doctor.system import System, system
from edgebin.machine.process import Process
from machine_trees import plant, write


def test_name_and_kernel(tmp_path: Path) -> None:
    process = plant("laptop", tmp_path)
    found = system(tmp_path, process)
    assert (found.name, found.kernel) == ("Debian GNU/Linux 12 (bookworm)", "6.1.0-21-amd64")
    assert system(tmp_path / "none", process) == System(None, None, process)
    write(tmp_path / "etc/os-release", "PRETTY_NAME=\n")
    assert system(tmp_path, process).name is None


@pytest.mark.parametrize(
    ("architecture", "bits", "kernel", "any_of_them"),
    [
        ("aarch64", 64, False, False),
        ("aarch64", 32, False, True),
        ("armv8l", 32, False, True),
        ("armv7l", 32, True, True),
        ("i686", 32, True, True),
        ("x86_64", 64, False, False),
        ("riscv64", 64, False, False),
    ],
)
def test_bits(architecture: str, bits: int, kernel: bool, any_of_them: bool) -> None:
    found = System(None, None, Process(architecture, bits, 4, "3.11.2"))
    assert (found.kernel_has_32_bits, found.has_32_bits) == (kernel, any_of_them)
