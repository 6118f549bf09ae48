"""The images that the arguments of `edgebin run` stand for, one at a time, in a fixed order."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from edgebin.cli.classify.standard_input import STANDARD_INPUT, StandardInput
from edgebin.errors import InputError, OptionError
from edgebin.files.listing import is_pattern, matching, walk
from edgebin.runtime.images.suffixes import SUFFIXES

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Item:
    """One image to classify.

    Attributes:
        name: what results and messages call it.
        image: its path, or the bytes of an image file.
        place: its path below a folder that mirrors the images.
        error: why there is no such image; "" if there may be one.
    """

    name: str
    image: str | bytes
    place: str
    error: str = ""


def is_plain_file(argument: str) -> bool:
    """Return whether an argument names one file, be it there or not."""
    return not (
        argument == STANDARD_INPUT
        or os.path.isdir(argument)
        or is_pattern(argument)
        or _is_url(argument)
    )


def check_sources(arguments: Sequence[str], *, recursive: bool) -> None:
    """Check what can be checked before the first image is classified.

    Raises:
        OptionError: a URL, or standard input twice.
        InputError: a folder or a pattern without images.
    """
    if list(arguments).count(STANDARD_INPUT) > 1:
        raise OptionError(f"run: expected {STANDARD_INPUT} once, found it several times")
    for argument in arguments:
        if _is_url(argument):
            raise OptionError(_url_refusal(argument))
        if argument == STANDARD_INPUT or is_plain_file(argument):
            continue
        try:
            first = next(_files(argument, recursive, lambda _error: None), None)
        except OSError as error:
            raise InputError(f'images "{argument}": {error.strerror}') from None
        if first is not None:
            continue
        if os.path.isdir(argument):
            inside = " or in folders inside" if recursive else "; folders inside need --recursive"
            raise InputError(
                f'folder "{argument}": expected images ({" ".join(SUFFIXES)}), found none{inside}'
            )
        raise InputError(f'images "{argument}": expected files that match, found none')


def items_of(
    arguments: Sequence[str],
    *,
    recursive: bool,
    standard_input: Callable[[], StandardInput],
    unreadable: Callable[[OSError], None],
) -> Iterator[Item]:
    """Yield the images of all arguments, in the order of the arguments.

    Args:
        arguments: files, folders, patterns and "-", which `check_sources` accepted.
        recursive: take images of folders inside folders too.
        standard_input: opens what "-" stands for.
        unreadable: called for a folder inside a folder that cannot be read.
    """
    for argument in arguments:
        if argument == STANDARD_INPUT:
            yield from _from_standard_input(standard_input())
        elif is_plain_file(argument):
            yield Item(argument, argument, _mirrored(argument))
        else:
            is_folder = os.path.isdir(argument)
            for path in _files(argument, recursive, unreadable):
                place = os.path.relpath(path, argument) if is_folder else _mirrored(path)
                yield Item(path, path, place)


def _from_standard_input(found: StandardInput) -> Iterator[Item]:
    if found.image is not None:
        yield Item(STANDARD_INPUT, found.image, "standard-input")
        return
    for name in found.names:
        error = _url_refusal(name) if _is_url(name) else ""
        yield Item(name, name, _mirrored(name), error)


def _files(argument: str, recursive: bool, unreadable: Callable[[OSError], None]) -> Iterator[str]:
    if os.path.isdir(argument):
        return walk(argument, recursive=recursive, suffixes=SUFFIXES, unreadable=unreadable)
    return matching(argument, unreadable=unreadable)


def _mirrored(path: str) -> str:
    """Return a path below any folder: without a root, and without steps to a parent in front."""
    parts = PurePath(os.path.normpath(path)).parts
    inner = [part for part in parts if part != os.pardir and not part.startswith(os.sep)]
    return str(PurePath(*inner)) if inner else "image"


def _is_url(text: str) -> bool:
    return _URL.match(text) is not None and not os.path.lexists(text)


def _url_refusal(url: str) -> str:
    return (
        f'image "{url}": expected a file, found a URL; edgebin opens no connection; '
        "what works: curl URL | edgebin run MODEL -"
    )
