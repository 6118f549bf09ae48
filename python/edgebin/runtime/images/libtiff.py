"""Keeps libtiff from writing to standard error.

Pillow decodes compressed TIFFs with libtiff, whose default handler prints a line for each tag that
it does not understand, a hundred for a damaged file, behind Python's back. What matters is raised
as an exception in any case. libtiff has one handler for the whole process; setting none is what its
documentation offers for this, is done once, and moves no file descriptor, which other threads use.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib


@functools.cache
def silence_libtiff() -> None:
    """Set no handlers of errors and warnings; does nothing where libtiff cannot be reached."""
    with contextlib.suppress(AttributeError, OSError):
        # The symbol is looked up in Pillow's module and in the libraries that it is linked with.
        library = ctypes.CDLL(importlib.import_module("PIL._imaging").__file__)
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
            set_handler = getattr(library, name)
            set_handler.restype, set_handler.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
            set_handler(None)
