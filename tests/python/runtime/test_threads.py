"""Threads that load, run, pickle and derive models at once: what a free-threaded Python does more.

The core declares that it needs no interpreter lock. On an interpreter that has one these tests show
that whatever runs without the lock today is right; free-threaded ones run them unchanged.
"""

from __future__ import annotations

import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import edgebin

CALLERS = 8


def at_once(work: Callable[[int], None]) -> None:
    """Run `work` in threads that start together, and raise what one of them raises."""
    barrier = threading.Barrier(CALLERS)
    errors: list[BaseException] = []

    def call(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # the lock, where there is one, changes hands often
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    if errors:
        raise errors[0]


@pytest.mark.parametrize("threads", [1, 2])
def test_one_model_serves_all_of_its_methods_at_once(
    binary: Path, green: Path, threads: int
) -> None:
    model = edgebin.load(binary, threads=threads)
    images = np.random.default_rng(6).integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    logits, ranked = model.run(images), model(green)
    names = [layer.name for layer in model.layers]
    values = model.run(images, outputs=names)
    fresh = edgebin.load(binary, threads=threads)

    def work(number: int) -> None:
        for turn in range(6):
            name = names[(number + turn) % len(names)]
            np.testing.assert_array_equal(fresh.run(images), logits)
            found = fresh.run(images, outputs=[name])[name]
            np.testing.assert_array_equal(found, values[name])
            assert fresh(green) == ranked
            assert [layer.name for layer in fresh.layers] == names
            assert len(fresh.profile(images)) == len(model.profile(images))
            assert fresh.preprocessing == model.preprocessing

    at_once(work)


def test_models_are_loaded_pickled_and_dropped_at_once(binary: Path) -> None:
    images = np.random.default_rng(7).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    contents = binary.read_bytes()
    shared = edgebin.load(binary)
    logits = shared.run(images)

    def work(number: int) -> None:
        for turn in range(6):
            source = binary if (number + turn) % 2 else contents
            model = edgebin.load(source, threads=1 + turn % 2)
            np.testing.assert_array_equal(model.run(images), logits)
            again = pickle.loads(pickle.dumps(shared if turn % 2 else model))
            np.testing.assert_array_equal(again.run(images), logits)
            with pytest.raises(edgebin.ModelFileError):
                edgebin.load(contents[:-1])

    at_once(work)
