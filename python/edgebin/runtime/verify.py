"""Checks that this machine computes, bit for bit, what a model file says.

The core runs the images of the file's self-test on every instruction set, with every conv algorithm
and several numbers of threads, and compares each layer with what the numpy oracle computed when the
file was written. This tests the machine and the build, not the accuracy of the network.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from edgebin import _core
from edgebin.deprecated import renamed_attribute
from edgebin.errors import ModelFileError
from edgebin.runtime import zoo
from edgebin.runtime.options import check_isa, check_threads


@dataclass(frozen=True, slots=True)
class Difference:
    """The first value that differs, in the order of execution.

    Args:
        layer: that computes the value.
        ops: operators of what runs as one step, such as "conv + add + quantize".
        value: the node in that step whose value it is.
        kernel: of a convolution or linear layer, as `Model.profile` names it; "" for others.
        isa, threads: on which it was run.
        image: number of the test image, from 0.
        expected, found: hashes of the value, CRC-32.
        line: all of it in one line.
    """

    layer: str
    ops: str
    value: str
    kernel: str
    isa: str
    threads: int
    image: int
    expected: int
    found: int
    line: str

    picture = renamed_attribute("picture", "image")

    def __str__(self) -> str:
        """Return the line."""
        return self.line


@dataclass(frozen=True, slots=True)
class Check:
    """One way to run the model, and what differed: None where every bit was right.

    Args:
        isa: instruction set.
        conv_algorithm: "lookup" or "bit_serial", of the layers that suit both.
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
        images: how many test images the file has.
        checks: all ways, in the order in which they were tried.
    """

    model: str
    images: int
    checks: tuple[Check, ...]

    pictures = renamed_attribute("pictures", "images")

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
    path_or_name: str | os.PathLike[str],
    *,
    isa: str | None = None,
    threads: int | None = None,
    checked: Callable[[Check], None] | None = None,
) -> Verification:
    """Run a model's self-test on this machine.

    Args:
        path_or_name: path of an `.ebn` file, or the name of a shipped model.
        isa: only this one of `edgebin.isas()`; by default all.
        threads: only this number; by default 1, 2 and on (past 8 in doublings) up to one more than
            the cores.
        checked: called with each way when it is done.

    Raises:
        ModelFileError: no such file or name, the file is damaged or has no self-test.
        OptionError: the number of threads or the instruction set does not exist here.
    """
    if threads is not None:
        check_threads(threads)
    check_isa(isa)
    path = os.fspath(zoo.resolve(path_or_name))
    ways = _core.combinations(isa or "", threads or 0)
    info = _core.Model(path).info
    if not info.self_test:
        raise ModelFileError(f"{path}: expected a self-test, the file has none")
    checks = []
    for way in ways:
        checks.append(_check(path, *way))
        if checked is not None:
            checked(checks[-1])
    return Verification(info.name, len(info.self_test), tuple(checks))


def _check(path: str, isa: str, conv_algorithm: str, threads: int) -> Check:
    found = _core.Model(path, isa, threads, conv_algo=conv_algorithm).verify()
    return Check(isa, conv_algorithm, threads, None if found is None else _plain(found))


def _plain(found: _core.Difference) -> Difference:
    return Difference(
        layer=found.layer,
        ops=found.ops,
        value=found.value,
        kernel=found.kernel,
        isa=found.isa,
        threads=found.threads,
        image=found.picture,
        expected=found.expected,
        found=found.found,
        line=str(found),
    )
