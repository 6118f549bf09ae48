"""Images with their classes written below, saved under names that nothing else has."""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from edgebin.cli.classify.classify import Embedding, Found
from edgebin.cli.classify.sources import Item
from edgebin.cli.terminal.plain import plain
from edgebin.errors import OptionError, cut
from edgebin.files.atomic_write import write_new
from edgebin.runtime.prediction import Detections, Prediction, Segmentation
from edgebin.runtime.preprocess import decode

LONGEST_SIDE = 1600
"""Pixels; a larger image is made smaller."""

_SHORTEST = 320  # pixels of the longer side; a smaller image is enlarged
_MOST_LINES = 5
_MOST_LETTERS = 60
_MOST_NAME = 200  # bytes of a name without its suffix
_KEPT_SUFFIXES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}


def labelled(item: Item, found: Found) -> bytes:
    """Return an image file: the image, upright, with boxes, or below it a line for each class.

    Raises:
        InputError: the image cannot be read.
    """
    whole = decode(item.image, "RGB", name=item.name)
    if isinstance(found, Detections):
        return _encoded(_fitted(found.draw(whole)), item)
    if isinstance(found, Segmentation):
        return _encoded(_with_lines(_fitted(found.draw(whole)), found), item)
    classes = [] if isinstance(found, Embedding) else found
    return _encoded(_with_lines(_fitted(whole), classes), item)


def _encoded(image: Image.Image, item: Item) -> bytes:
    content = io.BytesIO()
    image.save(content, _format(item.place), quality=90)
    return content.getvalue()


def _with_lines(image: Image.Image, predictions: Sequence[Prediction]) -> Image.Image:
    lines = [
        f"{cut(plain(p.label), _MOST_LETTERS)}  {100 * p.score:.1f} %"
        for p in predictions[:_MOST_LINES]
    ] or ["-"]
    height = max(16, image.width // 24)
    whole = Image.new("RGB", (image.width, image.height + (len(lines) * 5 + 1) * height // 4))
    whole.paste(image)
    draw = ImageDraw.Draw(whole)
    font = ImageFont.load_default(height)
    for number, line in enumerate(lines):
        place = (height // 2, image.height + (number * 5 + 1) * height // 4)
        try:
            draw.text(place, line, "white", font)
        except UnicodeEncodeError:  # Pillow without FreeType has Latin letters only
            draw.text(place, line.encode("latin-1", "replace"), "white", font)
    return whole


def _fitted(image: Image.Image) -> Image.Image:
    longest = max(image.size)
    wanted = min(max(longest, _SHORTEST), LONGEST_SIDE)
    if wanted == longest:
        return image
    width, height = (max(1, side * wanted // longest) for side in image.size)
    return image.resize((width, height))


def _format(place: str) -> str:
    return _KEPT_SUFFIXES.get(Path(place).suffix.lower(), "PNG")


class LabelledFolder:
    """A folder for such images, which mirrors where they came from.

    Args:
        folder: is made if it is not there.
        inputs: folders whose images are read; it must not be inside one of them.
        resume: go on with what is there; otherwise it must be empty.

    Raises:
        OptionError: it is not empty, inside an input, or cannot be written.
    """

    def __init__(self, folder: Path, inputs: Sequence[str], *, resume: bool) -> None:
        """Check the folder and make it."""
        self.folder = folder
        real = os.path.realpath(folder)
        for path in map(os.path.realpath, inputs):
            if real == path or real.startswith(f"{path.rstrip(os.sep)}{os.sep}"):
                raise OptionError(
                    f'--save: expected a folder outside the images, found "{folder}" in them'
                )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not resume and any(folder.iterdir()):
                raise OptionError(
                    f'--save: expected a new or empty folder, found files in "{folder}"'
                )
        except OSError as error:
            raise self._failure(folder, error) from None

    def save(self, place: str, content: bytes) -> None:
        """Write an image; where its name is taken, a number is added."""
        home, name = os.path.split(place)
        stem, suffix = Path(name).stem, Path(name).suffix
        if suffix.lower() not in _KEPT_SUFFIXES:
            stem, suffix = name, ".png"
        stem = os.fsdecode(os.fsencode(stem)[:_MOST_NAME])
        folder = self.folder / home
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for number in itertools.count(1):
                path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
                try:
                    write_new(path, lambda file: file.write(content))
                except FileExistsError:
                    continue
                return
        except OSError as error:
            raise self._failure(folder, error) from None

    def _failure(self, path: Path, error: OSError) -> OptionError:
        return OptionError(f'--save: "{path}" cannot be written: {error.strerror}')
