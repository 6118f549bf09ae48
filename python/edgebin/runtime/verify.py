"""Checks that this machine computes, bit for bit, what a model file says.

The core runs the fingerprint's probe images on every instruction set, with every conv algorithm
and several numbers of threads, and compares each layer with what the numpy oracle computed when the
file was written. This tests the machine and the build, not the accuracy of the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import SupportsIndex

from edgebin import _core
from edgebin.deprecated import renamed_attribute
from edgebin.errors import short
from edgebin.runtime.options import RunOptions, checked_isa, checked_threads
from edgebin.runtime.source import ModelLike, open_core, source_of

Difference = _core.Difference
Difference.picture = renamed_attribute("picture", "image")  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Check:
    """One way to run the model, and what differed: None where every bit was right.

    Args:
        isa: instruction set.
        conv_algorithm: "matrix_tiles", "lookup" or "bit_serial", of the layers that suit it.
        threads: of one run.
        difference: the first one.
    """

    isa: str
    conv_algorithm: str
    threads: int
    difference: Difference | None

    product = renamed_attribute("product", "conv_algorithm")


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of `verify`.

    Args:
        model: name of the network.
        images: how many probe images the file has.
        checks: all ways, in the order in which they were tried.
    """

    model: str
    images: int
    checks: tuple[Check, ...]

    pictures = renamed_attribute("pictures", "images")

    def __repr__(self) -> str:
        """Return the outcome in one line; there may be a hundred checks."""
        outcome = "exact" if self.exact else str(self.difference)
        return f"<Verification of {short(self.model)}: {len(self.checks)} checks, {outcome}>"

    @property
    def exact(self) -> bool:
        """Whether every way gave every bit."""
        return self.difference is None

    @property
    def difference(self) -> Difference | None:
        """The first difference of the first way that has one."""
        found = (check.difference for check in self.checks if check.difference is not None)
        return next(found, None)


def verify(
    path_or_name: ModelLike,
    *,
    isa: str | None = None,
    threads: SupportsIndex | None = None,
    checked: Callable[[Check], None] | None = None,
) -> Verification:
    """Compare what this machine computes with a model's fingerprint.

    Args:
        path_or_name: path of an `.ebn` file, the name of a shipped model, or a file in memory, as
            for `edgebin.load`.
        isa: only this one of `edgebin.isas()`; by default all.
        threads: only this number; by default 1, 2 and on (past 8 in doublings) up to one more than
            the cores.
        checked: called with each way when it is done.

    Raises:
        ModelFileError: no such file or name, the file is damaged or has no fingerprint.
        OptionError: the number of threads or the instruction set does not exist here.
    """
    count = 0 if threads is None else checked_threads(threads)
    wanted = checked_isa(isa) or ""
    source = source_of(path_or_name)
    checks = []
    for isa_name, conv_algorithm, each in _core.combinations(wanted, count):
        options = RunOptions(threads=each, isa=isa_name)
        model = open_core(source, options, conv_algorithm=conv_algorithm)
        checks.append(Check(isa_name, conv_algorithm, each, model.verify()))
        if checked is not None:
            checked(checks[-1])
    return Verification(model.info.name, model.info.probe_images, tuple(checks))
