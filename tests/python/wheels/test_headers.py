from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from command import WheelError
from headers import for_any_machine, write_headers
from pythons import Python

WRONG_SIZES = "".join(
    f"#define {name} 3\n"
    for name in ("SIZEOF_LONG", "SIZEOF_VOID_P", "SIZEOF_TIME_T", "ALIGNOF_LONG")
)

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


def python_with(pyconfig: str, folder: Path) -> Python:
    (folder / "include").mkdir()
    (folder / "include/Python.h").write_text('#include "pyconfig.h"\n')
    (folder / "include/pyconfig.h").write_text("#error the copy has another\n")
    (folder / "pyconfig.h").write_text(pyconfig)
    return Python("3.11", Path("python"), folder / "include", folder / "pyconfig.h")


@needs_compiler
def test_sizes_become_those_of_the_compilers_machine(tmp_path: Path) -> None:
    python = python_with(WRONG_SIZES + "#define SIZEOF_INT 4\n", tmp_path)
    copy = write_headers(python, tmp_path / "copy", ["cc"], tmp_path / "log")
    assert sorted(path.name for path in copy.iterdir()) == ["Python.h", "pyconfig.h"]
    program = '#include "Python.h"\nint longs[SIZEOF_LONG == sizeof(long) ? 1 : -1];\n'
    (tmp_path / "a.c").write_text(program)
    compile_it = ["cc", "-c", f"-I{copy}", str(tmp_path / "a.c"), "-o", str(tmp_path / "a.o")]
    subprocess.run(compile_it, check=True)


@needs_compiler
def test_a_size_that_is_not_true_is_named(tmp_path: Path) -> None:
    python = python_with(WRONG_SIZES + "#define SIZEOF_INT 2\n", tmp_path)
    with pytest.raises(WheelError, match="SIZEOF_INT"):
        write_headers(python, tmp_path / "copy", ["cc"], tmp_path / "log")


def test_a_size_of_an_unknown_type_is_named(tmp_path: Path) -> None:
    python = python_with("#define SIZEOF_MOON 4\n", tmp_path)
    with pytest.raises(WheelError, match=r"expected sizes of known types, found SIZEOF_MOON"):
        write_headers(python, tmp_path / "copy", ["cc"], tmp_path / "log")


def test_what_a_python_does_not_define_stays_undefined() -> None:
    text = for_any_machine("#define SIZEOF_LONG 8\n")
    assert "#define SIZEOF_LONG __SIZEOF_LONG__" in text
    assert "ALIGNOF_MAX_ALIGN_T" not in text
