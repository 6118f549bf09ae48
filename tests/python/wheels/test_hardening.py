"""Each protection, left out of a small binary, is missed; with all of them nothing is."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from hardening import main, weaknesses

pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None or platform.machine() != "x86_64",
    reason="needs a C compiler for x86-64",
)

SOURCE = '#include <stdlib.h>\nint main(void) { return getenv("A") != 0; }'
GOOD = ("-O1", "-fPIC", "-fstack-protector-all", "-Wl,-z,relro,-z,now,-z,noexecstack")


def built(folder: Path, *flags: str, source: str = SOURCE) -> Path:
    (folder / "a.c").write_text(source)
    path = folder / "a.bin"
    subprocess.run(["cc", str(folder / "a.c"), "-o", str(path), *GOOD, *flags], check=True)
    return path


@pytest.mark.parametrize("kind", ["-pie", "-static-pie", "-shared"])
def test_a_hardened_one_has_no_weakness(tmp_path: Path, kind: str) -> None:
    path = built(tmp_path, kind)
    assert weaknesses(path) == []
    assert main([str(path)]) == 0


@pytest.mark.parametrize(
    ("flags", "weakness"),
    [
        (("-pie", "-Wl,-z,norelro"), "its relocations stay writable"),
        (("-pie", "-Wl,-z,lazy"), "its calls are bound late"),
        (("-pie", "-Wl,-z,execstack"), "its stack can be executed"),
        (("-static-pie", "-Wl,-z,execstack"), "its stack can be executed"),
        (("-no-pie",), "it is loaded at one address always (-pie)"),
        (("-static",), "it is loaded at one address always (-static-pie)"),
        (("-shared", "-fno-stack-protector"), "it has no stack protector"),
        (("-pie", "-Wl,-rpath,/opt"), "it looks for libraries in '/opt'"),
        (("-pie", "-Wl,-rpath,/opt", "-Wl,--disable-new-dtags"), "libraries in '/opt' (RPATH)"),
    ],
)
def test_a_missing_protection_is_named(
    tmp_path: Path, flags: tuple[str, ...], weakness: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = built(tmp_path, *flags)
    assert main([str(path)]) == 1
    assert weakness in capsys.readouterr().out


def test_code_that_can_be_written_is_named(tmp_path: Path) -> None:
    section = '__asm__(".section .both, \\"awx\\", @progbits\\n.byte 0\\n.text");\n'
    (weakness,) = weaknesses(built(tmp_path, "-pie", source=section + SOURCE))
    assert weakness == "a segment can be written and executed"


def test_a_call_of_the_network_is_named(tmp_path: Path) -> None:
    source = "#include <sys/socket.h>\nint main(void) { return socket(AF_INET, SOCK_STREAM, 0); }"
    (weakness,) = weaknesses(built(tmp_path, "-pie", source=source))
    assert weakness == "it calls socket: expected no network"


def test_a_file_compiled_without_them_is_named(tmp_path: Path) -> None:
    path = tmp_path / "compile_commands.json"
    good = "c++ -fstack-protector-strong -D_FORTIFY_SOURCE=3 -c a.cc"
    path.write_text(json.dumps([{"file": "a.cc", "command": good}]))
    assert weaknesses(path) == []
    path.write_text(json.dumps([{"file": "a.cc", "command": "c++ -c a.cc"}]))
    (weakness,) = weaknesses(path)
    assert weakness.startswith("a.cc: compiled without -fstack-protector-strong and -D_FORTIFY")
    path.write_text("[]")
    assert weaknesses(path) == ["it names no file"]


@pytest.mark.parametrize("name", ["a.so", "a.whl", "a.json", "missing"])
def test_another_file_is_one_line(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if name != "missing":
        path.write_text("nothing of the kind")
    assert main([str(path)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
