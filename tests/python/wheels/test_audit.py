"""`audit.py` on wheels that need too much, lack a file or are not hardened."""

import importlib.util
import platform
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from audit import CONTENTS, check
from command import WheelError
from machines import MACHINES

MACHINE = MACHINES["x86_64"]
MODULE = "edgebin/_core.cpython-311-x86_64-linux-gnu.so"
ABOUT = "edgebin-0.1.0.dist-info"
OLD = "int PyInit__core(void) { return 42; }"

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("auditwheel") is None,
        reason="auditwheel is not installed (extra wheels)",
    ),
    pytest.mark.skipif(
        shutil.which("cc") is None or platform.machine() != "x86_64",
        reason="needs a C compiler for x86-64",
    ),
]


def wheel_of(source: str, folder: Path, *flags: str, leave_out: str = "") -> Path:
    """A wheel whose module is compiled from this source by the machine's own compiler."""
    module = folder / "module.so"
    (folder / "module.c").write_text(source)
    command = ["cc", "-shared", "-fPIC", "-fstack-protector-all", "-Wl,-z,relro,-z,now"]
    command += [str(folder / "module.c"), "-o", str(module), *flags]
    subprocess.run(command, check=True)
    tag = f"cp311-cp311-{'.'.join(MACHINE.platforms)}"
    wheel = folder / f"edgebin-0.1.0-{tag}.whl"
    files = dict.fromkeys((*CONTENTS, f"{ABOUT}/licenses/LICENSE"), b"")
    files[f"{ABOUT}/WHEEL"] = f"Wheel-Version: 1.0\nTag: {tag}\n".encode()
    files[f"{ABOUT}/METADATA"] = b"Name: edgebin\nVersion: 0.1.0\n"
    files[MODULE] = module.read_bytes()
    files.pop(leave_out, None)
    files[f"{ABOUT}/RECORD"] = "".join(f"{name},,\n" for name in files).encode()
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return wheel


def test_a_wheel_that_needs_no_more_than_its_tag_says(tmp_path: Path) -> None:
    source = '#include <stdlib.h>\nchar *PyInit__core(void) { return getenv("A"); }'
    needs = check(wheel_of(source, tmp_path), MACHINE, tmp_path / "log")
    assert needs.glibc == (2, 4)  # of the stack protector
    assert needs.libraries == ("libc.so.6",)


def test_a_newer_glibc_is_named(tmp_path: Path) -> None:
    source = '__asm__(".symver wanted, reallocarray@GLIBC_2.26");\n'
    source += "void *wanted(void *, unsigned long, unsigned long);\n"
    source += "void *PyInit__core(void) { return wanted(0, 1, 1); }"
    with pytest.raises(WheelError, match=r"expected to need at most glibc 2\.17, found 2\.26"):
        check(wheel_of(source, tmp_path), MACHINE, tmp_path / "log")


def test_another_library_is_named(tmp_path: Path) -> None:
    source = "void *_Znwm(unsigned long);\nvoid *PyInit__core(void) { return _Znwm(1); }"
    wheel = wheel_of(source, tmp_path, "-l:libstdc++.so.6")
    with pytest.raises(WheelError, match=r"expected to need only glibc, found libstdc\+\+\.so\.6"):
        check(wheel, MACHINE, tmp_path / "log")


@pytest.mark.parametrize("name", [*CONTENTS, f"{ABOUT}/licenses/LICENSE"])
def test_a_file_that_is_missing_is_named(name: str, tmp_path: Path) -> None:
    wheel = wheel_of(OLD, tmp_path, leave_out=name)
    with pytest.raises(WheelError, match=f"expected to hold .*{Path(name).name}, found none"):
        check(wheel, MACHINE, tmp_path / "log")


def test_a_module_without_protections_is_named(tmp_path: Path) -> None:
    wheel = wheel_of(OLD, tmp_path, "-Wl,-z,execstack")
    with pytest.raises(WheelError, match=r"x86_64-linux-gnu\.so: its stack can be executed"):
        check(wheel, MACHINE, tmp_path / "log")


def test_a_module_of_another_machine_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WheelError, match=r"expected to hold -aarch64-linux-gnu\.so, found none"):
        check(wheel_of(OLD, tmp_path), MACHINES["aarch64"], tmp_path / "log")
