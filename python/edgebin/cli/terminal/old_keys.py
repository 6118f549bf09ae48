"""Keys of `--json` documents that were renamed in 0.2: the old name stands beside the new one.

Programs that were written for 0.1 read the old names, which are given through 0.2.x.
"""

from __future__ import annotations

from collections.abc import Mapping

OLD_KEYS = {
    "image": "picture",
    "images": "pictures",
    "conv_algorithm": "product",
    "requested_conv_algorithm": "asked_product",
    "requested": "asked",
    "steps": "stages",
}


def with_old_keys(document: object) -> object:
    """Return a JSON document in which every renamed key has its old name too, at any depth."""
    if isinstance(document, Mapping):
        result = {key: with_old_keys(value) for key, value in document.items()}
        old = {OLD_KEYS[key]: value for key, value in result.items() if key in OLD_KEYS}
        return {**result, **old}
    if isinstance(document, list | tuple):
        return [with_old_keys(value) for value in document]
    return document
