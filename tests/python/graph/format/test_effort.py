"""Small files that ask for much are loaded or refused at once, whatever they say.

Each file is under a MB and the worst of its kind: most nodes, widest images, longest lists.
Loading may not take longer than reading and preparing what is really there, nor keep more memory
than weights.limit allows.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graphs.byte_writer import BIT, F32, I32, S8, File, Step, Tensor, reals, rows

MOST_SECONDS = 1.0  # of CPU; some 0.1 on an idle machine: it must only tell work from hanging
MOST_BYTES = 2**28
NODES = 2**14

LOADS = """
import sys, time
from edgebin import _core

def peak():
    lines = open("/proc/self/status").read().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

before = peak()
start = time.process_time()
try:
    model = _core.Model(sys.argv[1])
    outputs = model.info.outputs
    said = "loaded"
except Exception as error:
    said = str(error)
seconds = time.process_time() - start
print(seconds, peak() - before, said)
"""


def real_image(shape: tuple[int, int, int], steps: list[Step], outputs: tuple[int, ...]) -> File:
    """Value 1 is the image as reals."""
    channels = shape[2]
    first = Step("affine", "a", (0,), (("scale", 0), ("bias", 1)))
    tensors = (reals(*[1.0] * channels), reals(*[0.0] * channels))
    return File(tensors, (first, *steps), outputs, shape)


def all_alive() -> File:
    steps = [Step("relu", f"{i}", (1,)) for i in range(NODES - 1)]
    return real_image((1, 1, 1), steps, tuple(range(1, NODES + 1)))


def alive_by_turns() -> File:
    """Lives of all lengths, so that no gap fits."""
    steps = [Step("add", f"{i}", (max(1, i - i % 97), i + 1)) for i in range(NODES - 1)]
    return real_image((1, 3, 11), steps, tuple(range(1, NODES + 1, 7)))


def flattened_and_shown() -> File:
    steps = [Step("flatten", f"{i}", (i + 1,)) for i in range(NODES - 1)]
    return real_image((1, 1, 1), steps, tuple(range(1, NODES + 1)))


def wide_sums() -> File:
    steps = [Step("concat", f"{i}", (1,) * 255) for i in range(900)]
    return real_image((1, 1, 1), steps, (2,))


def most_labels() -> File:
    file = real_image((2**9, 2**9, 1), [Step("flatten", "f", (1,))], (2,))
    return File(file.tensors, file.nodes, file.outputs, file.input_shape, labels=(b"",) * 2**18)


def pools(op: str, shape: tuple[int, int, int], **attributes: int) -> File:
    keys = tuple(attributes.items())
    steps = [Step(op, f"{i}", (1,), (), keys) for i in range(4000)]
    return real_image(shape, steps, (2,))


def first_layers(*, pooled: bool, count: int = 1000, bias: float = 1.0) -> File:
    """Convolutions of an image of one row, and pools behind them."""
    tensors: list[Tensor] = []
    nodes: list[Step] = []
    for i in range(count):
        at = len(tensors)
        tensors += [Tensor(S8, (1, 1, 3, 1), bytes(3)), reals(1), reals(bias)]
        tensors += [Tensor(I32, (1,), bytes(4))]
        roles = (("weights", at), ("scale", at + 1), ("bias", at + 2), ("zero", at + 3))
        pads = (("pad_left", 4096), ("pad_right", 4096), ("pad_top", 2), ("pad_bottom", 2))
        value = len(nodes)
        nodes.append(Step("conv", f"c{i}", (0,), roles, pads))
        if pooled:
            keys = (("kernel_h", 1), ("kernel_w", 3), ("pad_left", 2))
            nodes.append(Step("max_pool", f"p{i}", (value + 1,), (), keys))
    return File(tuple(tensors), tuple(nodes), (len(nodes),), (1, 2**23, 1))


def many_small_layers() -> File:
    """Rows of weights whose packed form is many times as large."""
    tensors = [reals(*[1.0] * 1024), reals(*[0.0] * 1024)]
    tensors += [rows(F32, [[0, 1, 2]] * 1024)]
    nodes = [
        Step("affine", "a", (0,), (("scale", 0), ("bias", 1))),
        Step("quantize", "q", (1,), (("thresholds", 2),)),
    ]
    for i in range(800):
        tensors += [Tensor(BIT, (1, 2, 4, 1024), bytes(1024)), reals(1)]
        nodes.append(Step("conv", f"{i}", (2,), (("weights", 2 * i + 3), ("scale", 2 * i + 4))))
    return File(tuple(tensors), tuple(nodes), (3,), (2, 5, 1024))


def long_names() -> File:
    steps = [Step("relu", "x" * 60_000 + f"{i}", (1,)) for i in range(15)]
    return real_image((1, 1, 1), steps, (2,))


def names_that_differ_late() -> File:
    steps = [Step("relu", "x" * 40 + f"{i}", (1,)) for i in range(NODES - 1)]
    return real_image((1, 1, 1), steps, (2,))


FILES: dict[str, Callable[[], File]] = {
    "all alive": all_alive,
    "alive by turns": alive_by_turns,
    "flattened and shown": flattened_and_shown,
    "wide sums": wide_sums,
    "most labels": most_labels,
    "max pools": lambda: pools("max_pool", (1, 2**24, 1), kernel_h=1, kernel_w=4096, dilation_w=9),
    "average pools": lambda: pools("avg_pool", (2**24, 1, 1), kernel_h=3, kernel_w=1, pad_top=2),
    "adaptive pools": lambda: pools("adaptive_avg_pool", (1, 2**20, 1), out_h=1, out_w=2**20 - 1),
    "first layers": lambda: first_layers(pooled=False),
    "pooled first layers": lambda: first_layers(pooled=True),
    "pooled first layers in no order": lambda: first_layers(pooled=True, bias=-0.0),
    "many small layers": many_small_layers,
    "long names": long_names,
    "names that differ late": names_that_differ_late,
}


@pytest.mark.usefixtures("python")
@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_small_files_are_done_with_at_once(make: Callable[[], File], tmp_path: Path) -> None:
    path = tmp_path / "hostile.ebn"
    path.write_bytes(make().encoded())
    assert path.stat().st_size < 2**20
    done = subprocess.run(
        [sys.executable, "-c", LOADS, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    seconds, peak, said = done.stdout.split(maxsplit=2)
    print(f"{path.stat().st_size} bytes, {seconds} s, {peak} bytes: {said}")
    assert float(seconds) < MOST_SECONDS, said
    assert int(peak) < MOST_BYTES, said
