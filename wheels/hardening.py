"""Checks that what is built has its compiler's protections: `python wheels/hardening.py FILE...`.

A FILE is a wheel, a module, a library or a program, of any machine; or compile_commands.json of a
build, for what a static program without names does not show any more. Each weakness is a line, and
the exit code is then 1. `build_wheels.py` refuses wheels that have one. It runs nothing.

It also refuses calls of the network: what runs a network opens no connection.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from command import Parser

_EXECUTABLE, _WRITABLE = 1, 2
_BIND_NOW, _TEXT_RELOCATIONS = 0x8, 0x4  # of DT_FLAGS
_NOW, _PIE = 0x1, 0x08000000  # of DT_FLAGS_1
_COMPILED = ("-fstack-protector-strong", "-D_FORTIFY_SOURCE=")
_NETWORK = frozenset(
    ("accept", "accept4", "bind", "connect", "getaddrinfo", "gethostbyname", "listen", "socket")
)


def main(words: Sequence[str] | None = None) -> int:
    """Check files; return the exit code: 1 for a weakness, 2 for no file of these kinds."""
    parser = Parser(description="Check that wheels and programs are hardened.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    found = []
    files = parser.parse_args(words).files
    try:
        for file in files:
            found += [f"{file}: {weakness}" for weakness in weaknesses(file)]
    except (OSError, ValueError, KeyError, ELFError, zipfile.BadZipFile) as error:
        reason = f"expected a wheel, an ELF file or a compile database, found {error}"
        print(f"hardening: error: {file}: {reason}", file=sys.stderr)
        return 2
    print("\n".join(found) if found else f"hardened: {', '.join(file.name for file in files)}")
    return 1 if found else 0


def weaknesses(file: Path) -> list[str]:
    """Return what a wheel, an ELF file or a compile database lacks, a line each.

    Raises:
        OSError: it cannot be read.
        ELFError: it, or what a wheel names as a module, is no ELF file.
        ValueError: it is no compile database.
        zipfile.BadZipFile: it is no wheel.
    """
    if file.suffix == ".json":
        return list(_of_database(json.loads(file.read_text())))
    if file.suffix != ".whl":
        return list(_of_binary(file.read_bytes()))
    with zipfile.ZipFile(file) as wheel:
        modules = [name for name in wheel.namelist() if name.endswith(".so")]
        return [f"{name}: {line}" for name in modules for line in _of_binary(wheel.read(name))]


def _of_binary(contents: bytes) -> Iterator[str]:
    file: Any = ELFFile(io.BytesIO(contents))
    segments = {segment["p_type"]: segment for segment in file.iter_segments()}
    loaded = [segment for segment in file.iter_segments() if segment["p_type"] == "PT_LOAD"]
    if any(s["p_flags"] & _EXECUTABLE and s["p_flags"] & _WRITABLE for s in loaded):
        yield "a segment can be written and executed"
    stack = segments.get("PT_GNU_STACK")
    if stack is None or stack["p_flags"] & _EXECUTABLE:
        yield "its stack can be executed (-Wl,-z,noexecstack)"
    if "PT_DYNAMIC" not in segments:
        # Debian's toolchain for 32-bit ARM has no start code for a static program anywhere.
        if file["e_machine"] != "EM_ARM":
            yield "it is loaded at one address always (-static-pie)"
        return
    if "PT_GNU_RELRO" not in segments:
        yield "its relocations stay writable (-Wl,-z,relro)"
    yield from _of_dynamic(file, segments["PT_DYNAMIC"], "PT_INTERP" in segments)


def _of_dynamic(file: Any, dynamic: Any, interpreted: bool) -> Iterator[str]:
    tags = {tag.entry.d_tag: tag for tag in dynamic.iter_tags()}

    def value(name: str) -> int:
        return int(tags[name].entry.d_val) if name in tags else 0

    flags, more = value("DT_FLAGS"), value("DT_FLAGS_1")
    if not (flags & _BIND_NOW or more & _NOW or "DT_BIND_NOW" in tags):
        yield "its calls are bound late (-Wl,-z,now)"
    if interpreted and not (more & _PIE and file["e_type"] == "ET_DYN"):
        yield "it is loaded at one address always (-pie)"
    if "DT_TEXTREL" in tags or flags & _TEXT_RELOCATIONS:
        yield "its code is written to when it is loaded (-fPIC)"
    for name in ("DT_RPATH", "DT_RUNPATH"):
        if name in tags:
            path = getattr(tags[name], name[3:].lower())
            yield f"it looks for libraries in {path!r} ({name[3:]})"
    if "DT_NEEDED" not in tags:
        return  # static: no names are left
    imported = {
        symbol.name for symbol in dynamic.iter_symbols() if symbol["st_shndx"] == "SHN_UNDEF"
    }
    # What zig links for 32-bit ARM holds the function itself; the compile database tells there.
    if "__stack_chk_fail" not in imported and file["e_machine"] != "EM_ARM":
        yield "it has no stack protector (-fstack-protector-strong)"
    if imported & _NETWORK:
        yield f"it calls {', '.join(sorted(imported & _NETWORK))}: expected no network"


def _of_database(entries: list[dict[str, str]]) -> Iterator[str]:
    if not entries:
        yield "it names no file"
    for entry in entries:
        missing = [flag for flag in _COMPILED if flag not in entry["command"]]
        if missing:
            yield f"{entry['file']}: compiled without {' and '.join(missing)}"


if __name__ == "__main__":
    sys.exit(main())
