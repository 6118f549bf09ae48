"""Files and folders that systems leave beside a user's own, in folders of images for example."""

from __future__ import annotations

_NAMES = ("__MACOSX", "@eaDir", "Thumbs.db", "desktop.ini")


def is_hidden(name: str) -> bool:
    """Whether a file or folder is hidden by its name or one of a system's own.

    Args:
        name: without its folder, such as "._photo.jpg", ".DS_Store" or "Thumbs.db".
    """
    return name.startswith(".") or name in _NAMES
