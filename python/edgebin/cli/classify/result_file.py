"""A file of results, one line an image, that a later run can go on with.

The images of a run have a fixed order, so the lines of an interrupted run are those of its first
images: the next run passes over these, comparing names line by line, and appends. A last line that
a kill or a full disk cut is removed first.
"""

from __future__ import annotations

import csv
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from edgebin.cli.classify.classify import Result
from edgebin.cli.classify.rows import csv_header, csv_line, json_line
from edgebin.errors import OptionError

_SUFFIXES = (".jsonl", ".csv")
_FLUSH_SECONDS = 1.0
_MOST_LINE = 1 << 24


class ResultFile:
    """An open file of results; as a context it is closed, and on the disk, at the end.

    Args:
        path: NAME.jsonl or NAME.csv.
        top: classes or boxes in each line of CSV.
        boxes: the results are boxes.
        resume: go on with what is there; otherwise no such file may exist.

    Raises:
        OptionError: another name, the file is there, or cannot be read or written.
    """

    def __init__(self, path: Path, top: int, *, boxes: bool, resume: bool) -> None:
        """Open the file, or make it."""
        check_results_name(path)
        self.path = path
        self.top = top
        self.boxes = boxes
        self.is_csv = path.suffix.lower() == ".csv"
        self._flushed = time.monotonic()
        try:
            if not resume and os.path.lexists(path):
                raise OptionError(
                    f'--results: "{path}" exists; what works: another name, or --resume, which '
                    "goes on with it"
                )
            if resume and path.exists() and not path.is_file():
                raise OptionError(f'--results: "{path}": expected a file')
            self._file: BinaryIO = path.open("r+b" if resume and path.exists() else "x+b")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OptionError(f'--results: "{path}": another run writes it') from None
        except OSError as error:
            raise self._failure(error) from None

    def __enter__(self) -> ResultFile:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise self._failure(error) from None

    def finished(self) -> Iterator[tuple[str, bool]]:
        """Yield name and readability of each image that is there; then the file can be appended to.

        Raises:
            OptionError: it is no file of such results.
        """
        self._file.seek(0)
        end = 0
        rows = self._csv_rows() if self.is_csv else self._json_rows()
        for name, readable, row_end in rows:
            end = row_end
            if name is not None:
                yield name, readable
        self._file.seek(end)
        self._file.truncate()
        if self.is_csv and end == 0:
            self._append(csv_header(self.top, boxes=self.boxes))

    def write(self, result: Result) -> None:
        """Append the line of a result; at least once a second, lines go to the system."""
        self._append(
            csv_line(result, self.top, boxes=self.boxes) if self.is_csv else json_line(result)
        )
        if time.monotonic() - self._flushed > _FLUSH_SECONDS:
            self._flushed = time.monotonic()
            try:
                self._file.flush()
            except OSError as error:
                raise self._failure(error) from None

    def _append(self, line: str) -> None:
        try:
            self._file.write(f"{line}\n".encode(errors="surrogateescape"))
        except OSError as error:
            raise self._failure(error) from None

    def _json_rows(self) -> Iterator[tuple[str | None, bool, int]]:
        for number, line in enumerate(self._lines(), 1):
            try:
                row = json.loads(line)
                name, readable = row["image"], "error" not in row
                if not isinstance(name, str):
                    raise TypeError
            except (ValueError, KeyError, TypeError, RecursionError):
                raise self._foreign(number) from None
            yield name, readable, self._file.tell()

    def _csv_rows(self) -> Iterator[tuple[str | None, bool, int]]:
        texts = (line.decode(errors="surrogateescape") for line in self._lines())
        rows = csv.reader(texts, strict=True)
        header = next(csv.reader([csv_header(self.top, boxes=self.boxes)]))
        number = 0
        while True:
            number += 1
            try:
                row = next(rows, None)
            except csv.Error as error:
                if "unexpected end" in str(error):
                    return
                raise self._foreign(number) from None
            if row is None:
                return
            if len(row) != len(header) or (number == 1 and row != header):
                raise self._foreign(number)
            yield (None if number == 1 else row[0]), not row[1], self._file.tell()

    def _lines(self) -> Iterator[bytes]:
        """Yield whole lines."""
        while line := self._file.readline(_MOST_LINE):
            if not line.endswith(b"\n"):
                if len(line) == _MOST_LINE:
                    raise OptionError(f'--results: "{self.path}": expected shorter lines')
                return
            yield line

    def _foreign(self, number: int) -> OptionError:
        return OptionError(
            f'--resume: "{self.path}": expected lines of a run with the same options, found '
            f"another in line {number}"
        )

    def _failure(self, error: OSError) -> OptionError:
        return OptionError(f'--results: "{self.path}" cannot be written: {error.strerror}')


def check_results_name(path: Path) -> None:
    """Raise OptionError unless the name says which kind of lines the file has."""
    if path.suffix.lower() not in _SUFFIXES:
        raise OptionError(f'--results: expected NAME.jsonl or NAME.csv, found "{path}"')
