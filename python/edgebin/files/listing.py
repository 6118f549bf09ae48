"""Lists folders in the order of names, in memory that does not grow with the number of files.

Names are sorted by their bytes, folder by folder, so that the order is the same on every machine.
A folder is read once for each `BLOCK` names: the smallest names behind the last one that was given.
Links to folders are not entered, as they may form loops; links to files are files. What is hidden,
or left by a system beside a user's own files, is passed over.
"""

from __future__ import annotations

import errno
import fnmatch
import heapq
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from typing import TypeVar

from edgebin.files.hidden import is_hidden

BLOCK = 16_384
"""Names of one folder that are in memory at once."""
MOST_DEPTH = 200
"""Folders inside each other that are entered."""

State = TypeVar("State")

_MAGIC = frozenset("*?[")
_ANY_DEPTH = "**"


def sorted_entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """Yield what is in a folder, sorted by the bytes of the names.

    Raises:
        OSError: the folder cannot be read.
    """
    last: bytes | None = None
    while True:
        with os.scandir(folder) as entries:
            behind = (e for e in entries if last is None or os.fsencode(e.name) > last)
            block = heapq.nsmallest(BLOCK, behind, key=lambda e: os.fsencode(e.name))
        yield from block
        if len(block) < BLOCK:
            return
        last = os.fsencode(block[-1].name)


def walk(
    folder: str,
    *,
    recursive: bool,
    suffixes: Sequence[str] = (),
    unreadable: Callable[[OSError], None] | None = None,
) -> Iterator[str]:
    """Yield the files of a folder as paths that begin with `folder`, in order.

    Args:
        folder: that is listed; it may be a link itself.
        recursive: list the folders inside it too, each at the place of its name.
        suffixes: in lower case, of which a file's name has to end in one; none takes every file.
        unreadable: called for a folder inside that cannot be read, or is `MOST_DEPTH` deep.

    Raises:
        OSError: the folder itself cannot be read.
    """

    def take(entry: os.DirEntry[str], _: bool) -> tuple[bool, bool | None]:
        if is_hidden(entry.name):
            return False, None
        wanted = not suffixes or PurePath(entry.name).suffix.lower() in suffixes
        return wanted, recursive or None

    yield from _descend(folder, folder, recursive, take, unreadable)


def _descend(
    home: str,
    path: str,
    state: State,
    take: Callable[[os.DirEntry[str], State], tuple[bool, State | None]],
    unreadable: Callable[[OSError], None] | None,
) -> Iterator[str]:
    """Yield files of a folder and of the folders inside it, in order.

    Args:
        home: the folder.
        path: what the paths begin with; "" if they begin inside the folder.
        state: of `take` in the folder.
        take: whether an entry is yielded if it is a file, and if it is a folder, the state in it;
            None if it is not entered.
        unreadable: called for a folder inside that cannot be read, or is `MOST_DEPTH` deep.

    Raises:
        OSError: the folder itself cannot be read.
    """
    stack = [(sorted_entries(home), path, state)]
    while stack:
        entries, path, state = stack[-1]
        try:
            entry = next(entries, None)
        except OSError as error:
            if len(stack) == 1 or unreadable is None:
                raise
            unreadable(error)
            entry = None
        if entry is None:
            stack.pop()
            continue
        wanted, inside = take(entry, state)
        inner = entry.path if path else entry.name
        if _is_file(entry):
            if wanted:
                yield inner
        elif inside is not None and entry.is_dir(follow_symlinks=False):
            if len(stack) < MOST_DEPTH:
                stack.append((sorted_entries(inner), inner, inside))
            elif unreadable is not None:
                unreadable(_too_deep(inner))


def is_pattern(text: str) -> bool:
    """Return whether a name that no file has is a pattern, such as "photos/*.jpg"."""
    return not _MAGIC.isdisjoint(text) and not os.path.lexists(text)


def folder_of_pattern(pattern: str) -> str:
    """Return the folder in front of the first part that stands for several names."""
    return _split(pattern)[0] or os.curdir


def _split(pattern: str) -> tuple[str, tuple[str, ...]]:
    parts = PurePath(pattern).parts
    plain = next(i for i, part in enumerate(parts) if not _MAGIC.isdisjoint(part))
    return str(PurePath(*parts[:plain])) if plain else "", parts[plain:]


def matching(pattern: str, *, unreadable: Callable[[OSError], None] | None = None) -> Iterator[str]:
    """Yield the files that match a pattern, in the order of `walk`.

    Args:
        pattern: `*`, `?` and `[...]` match within a name, `**` any number of folders; hidden names
            are matched only by a part that begins with a dot.
        unreadable: called for a folder that cannot be read.

    Raises:
        OSError: the folder in front of the first such part cannot be read.
    """
    home, parts = _split(pattern)

    # The state of a folder: the positions in `parts` that its names may match.
    def take(entry: os.DirEntry[str], states: set[int]) -> tuple[bool, set[int] | None]:
        reached = _after(entry.name, states, parts)
        return len(parts) in reached, reached if reached - {len(parts)} else None

    yield from _descend(home or os.curdir, home, _closure({0}, parts), take, unreadable)


def _after(name: str, states: set[int], parts: Sequence[str]) -> set[int]:
    reached = set()
    for state in states:
        if state == len(parts):
            continue
        part = parts[state]
        if part == _ANY_DEPTH:
            if not is_hidden(name):
                reached.add(state)
        elif fnmatch.fnmatchcase(name, part) and (part.startswith(".") or not is_hidden(name)):
            reached.add(state + 1)
    return _closure(reached, parts)


def _closure(states: set[int], parts: Sequence[str]) -> set[int]:
    """Add the positions that are reached when `**` stands for no folder at all."""
    found = set(states)
    for state in sorted(states):
        position = state
        while position < len(parts) and parts[position] == _ANY_DEPTH:
            position += 1
            found.add(position)
    return found


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link that leads to itself
        return False


def _too_deep(folder: str) -> OSError:
    return OSError(errno.ELOOP, f"expected at most {MOST_DEPTH} folders inside each other", folder)
