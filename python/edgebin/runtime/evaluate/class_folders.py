"""A folder with a folder for each class, as training takes it: CLASS/**/IMAGE."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgebin.errors import InputError, OptionError
from edgebin.files.hidden import is_hidden
from edgebin.files.listing import sorted_entries, walk
from edgebin.runtime.images.suffixes import SUFFIXES

PARTS = ("test", "val", "train")
"""Parts of a data set by the names of their folders, the one to evaluate first."""


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """An image and the name of its class's folder."""

    path: str
    label: str


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """Folders of classes.

    Attributes:
        folder: that they are in.
        part: "test", "val" or "train" where the data set has parts; else "".
        folders: their names, sorted by their bytes.
        names: of the classes, one for each folder; the folders' own where it is empty.
    """

    folder: str
    part: str
    folders: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes."""
        return self.names or self.folders

    def images(self, unreadable: Callable[[OSError], None]) -> Iterator[LabelledImage]:
        """Yield all images, class by class, sorted by the bytes of their names.

        Args:
            unreadable: called for a folder that cannot be read.
        """
        for name, label in zip(self.folders, self.labels, strict=True):
            home = str(Path(self.folder, name))
            try:
                yield from (
                    LabelledImage(path, label)
                    for path in walk(home, recursive=True, suffixes=SUFFIXES, unreadable=unreadable)
                )
            except OSError as error:
                unreadable(error)


def open_class_folders(folder: str | os.PathLike[str], part: str | None = None) -> ClassFolders:
    """Return the classes of a folder, or of a part of it.

    Args:
        folder: has a folder for each class, or the folders test, val or train, which have.
        part: "test", "val" or "train"; None takes the first of them that is there.

    Raises:
        InputError: it has no such folders.
        OptionError: there is no such part.
    """
    home = os.fspath(folder)
    if part is not None and part not in PARTS:
        raise OptionError(f"split: expected {', '.join(PARTS)}, found {part!r}")
    inside = _folders(home)
    parts = [name for name in PARTS if name in inside]
    if part is not None and part not in parts:
        found = ", ".join(parts) or "none of them"
        raise InputError(f'folder "{home}": expected {part}/, found {found}')
    chosen = part or (parts[0] if parts and set(inside) <= set(PARTS) else "")
    if chosen:
        home = str(Path(home, chosen))
        inside = _folders(home)
    if not inside:
        raise InputError(f'folder "{home}": expected a folder for each class, found none')
    return ClassFolders(home, chosen, tuple(inside))


def _folders(home: str) -> Sequence[str]:
    """Return the names of the folders inside, links to folders among them."""
    try:
        return [e.name for e in sorted_entries(home) if not is_hidden(e.name) and _is_folder(e)]
    except OSError as error:
        raise InputError(f'folder "{home}": {error.strerror}') from None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False
