"""The instruction set `amx` is asked of the system when kernels are chosen, and quietly refused.

Linux permits the tiles of AMX for the whole process, and refuses them while a thread has an
alternate signal stack that is too small for them. So each case is a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest

import edgebin

pytestmark = pytest.mark.skipif("amx" not in edgebin.isas(), reason="needs a processor with AMX")

SMALL_STACK = """
    import ctypes

    class Stack(ctypes.Structure):
        _fields_ = [("at", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]

    memory = ctypes.create_string_buffer(8192)
    stack = Stack(ctypes.addressof(memory), 0, len(memory))
    libc = ctypes.CDLL(None)

    def set_small_stack():
        return libc.sigaltstack(ctypes.byref(stack), None) == 0
"""


def run(code: str, **environment: str) -> str:
    """Return what a Python process prints that runs `code` after SMALL_STACK."""
    script = dedent(SMALL_STACK) + dedent(code)
    finished = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    return finished.stdout


def test_an_alternate_stack_that_is_too_small_leaves_the_next_best() -> None:
    found = run("""
        assert set_small_stack()
        import edgebin
        print(edgebin.isas()[0])
        print(edgebin.load("cifar10-resnet20").isa)
        """)
    assert found.split() == [edgebin.isas()[1]] * 2


def test_a_requested_amx_that_is_refused_is_an_error() -> None:
    found = run("""
        assert set_small_stack()
        import edgebin
        try:
            edgebin.load("cifar10-resnet20", isa="amx")
        except edgebin.OptionError as error:
            print(error)
        """)
    assert found.startswith("isa: expected one of avx512, ")


@pytest.mark.parametrize("chosen", ["", 'edgebin.load("cifar10-resnet20")'])
def test_nothing_is_asked_for_before_amx_is_chosen(chosen: str) -> None:
    """Neither by the import nor by a model on another instruction set."""
    code = f"import edgebin\n{chosen}\nprint(set_small_stack())"
    assert run(code, EDGEBIN_ISA="avx512") == "True\n"
