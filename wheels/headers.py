"""Python's headers for another machine, made from this machine's.

They differ only in pyconfig.h, in sizes and in properties of the processor. Of Debian 12's
Python 3.11, aarch64 and x86-64 differ in HAVE_GCC_ASM_FOR_X64, HAVE_GCC_ASM_FOR_X87,
HAVE_USABLE_WCHAR_T and PY_SUPPORT_TIER; 32-bit ARM also in the sizes of long, size_t, pointers and
types derived from them, in 128-bit integers and in HAVE_LARGEFILE_SUPPORT. Those that headers
read are redefined from the macros of the compiler, at the end of a copy, and the compiler checks
every size in the result.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from command import WheelError, run
from pythons import Python

_SIZES = {
    "DOUBLE": "double",
    "FLOAT": "float",
    "FPOS_T": "fpos_t",
    "INT": "int",
    "LONG": "long",
    "LONG_DOUBLE": "long double",
    "LONG_LONG": "long long",
    "MAX_ALIGN_T": "max_align_t",
    "OFF_T": "off_t",
    "PID_T": "pid_t",
    "PTHREAD_KEY_T": "pthread_key_t",
    "PTHREAD_T": "pthread_t",
    "SHORT": "short",
    "SIZE_T": "size_t",
    "TIME_T": "time_t",
    "UINTPTR_T": "uintptr_t",
    "VOID_P": "void *",
    "WCHAR_T": "wchar_t",
    "_BOOL": "_Bool",
}

# glibc's pthread_t is an unsigned long, and so is time_t's size where _TIME_BITS is not set.
_ANEW = {
    "ALIGNOF_LONG": "__SIZEOF_LONG__",
    "ALIGNOF_MAX_ALIGN_T": "(2 * __SIZEOF_POINTER__)",
    "ALIGNOF_SIZE_T": "__SIZEOF_SIZE_T__",
    "SIZEOF_LONG": "__SIZEOF_LONG__",
    "SIZEOF_LONG_DOUBLE": "__SIZEOF_LONG_DOUBLE__",
    "SIZEOF_PTHREAD_T": "__SIZEOF_LONG__",
    "SIZEOF_SIZE_T": "__SIZEOF_SIZE_T__",
    "SIZEOF_TIME_T": "__SIZEOF_LONG__",
    "SIZEOF_UINTPTR_T": "__SIZEOF_POINTER__",
    "SIZEOF_VOID_P": "__SIZEOF_POINTER__",
}
_ONLY_IF = {
    "HAVE_GCC_ASM_FOR_X64": "__x86_64__",
    "HAVE_GCC_ASM_FOR_X87": "__x86_64__",
    "HAVE_GCC_UINT128_T": "__SIZEOF_INT128__",
}


def write_headers(python: Python, folder: Path, compiler: Sequence[str | Path], log: Path) -> Path:
    """Return a folder with the headers of `python` for the machine that `compiler` compiles for.

    Args:
        python: whose headers are copied.
        folder: of the copy; what it held before is removed.
        compiler: a C compiler and its target.
        log: of the compiler.

    Raises:
        WheelError: a size in pyconfig.h is not true on that machine, or not known here.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(python.include, folder, ignore=shutil.ignore_patterns("internal"))
    text = python.pyconfig.read_text()
    (folder / "pyconfig.h").unlink(missing_ok=True)  # what was copied may be a link
    (folder / "pyconfig.h").write_text(for_any_machine(text))
    probe = folder / "sizes.c"
    probe.write_text(_probe(text, python.pyconfig))
    compiled = probe.with_suffix(".o")
    run([*compiler, "-std=c11", "-c", f"-I{folder}", probe, "-o", compiled], log=log)
    probe.unlink()
    compiled.unlink()
    return folder


def for_any_machine(text: str) -> str:
    """The text of pyconfig.h with a tail that takes sizes from the compiler."""
    lines = [text.rstrip("\n"), "", "/* edgebin: sizes of the machine that is compiled for. */"]
    for name, value in _ANEW.items():
        if re.search(rf"^#define {name} ", text, re.MULTILINE):
            lines += [f"#undef {name}", f"#define {name} {value}"]
    for name, condition in _ONLY_IF.items():
        lines += [f"#ifndef {condition}", f"#undef {name}", "#endif"]
    return "\n".join(lines) + "\n"


def _probe(text: str, path: Path) -> str:
    """A C file that compiles only if the sizes in a text of pyconfig.h are those of its machine."""
    lines = ['#include "pyconfig.h"']
    headers = ("pthread", "stddef", "stdint", "stdio", "sys/types", "time", "wchar")
    lines += [f"#include <{header}.h>" for header in headers]
    for kind, name in re.findall(r"^#define (SIZEOF|ALIGNOF)_(\w+) ", text, re.MULTILINE):
        if name not in _SIZES:
            raise WheelError(f"{path}: expected sizes of known types, found {kind}_{name}")
        true = f"{'sizeof' if kind == 'SIZEOF' else '_Alignof'}({_SIZES[name]})"
        lines.append(f'_Static_assert({kind}_{name} == {true}, "{kind}_{name}");')
    return "\n".join(lines) + "\n"
