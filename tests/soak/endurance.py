"""Loads, runs, unloads, inspects and times models for a long time; memory must not grow.

    python tests/soak/endurance.py [--seconds 3600] [--models FOLDER] [--output F.json]

Each round takes the models in turn, with 1 to 4 threads, from file, runs images from several
Python threads at once, refuses a damaged copy, and drops it all. Resident memory is noted over
time. It fails, with exit code 1, where the least of the last quarter is more than `--most-growth`
above the least of the second one: the first one is warming up, and heaps settle in steps.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import platform
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import edgebin
from edgebin.errors import EdgebinError
from edgebin.files.atomic_write import write_whole

SHIPPED = Path(edgebin.__file__).parent / "models"
CALLERS = 4
SAMPLES, LEAST_SAMPLES = 400, 8


def resident_bytes() -> int:
    """Return this process's resident memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status: expected a line VmRSS, found none")


def one_round(path: Path, damaged: Path, turn: int) -> int:
    """Use one model as a program would; return the images that ran."""
    model = edgebin.load(path, threads=1 + turn % 4)
    shape = model.inputs[0].shape
    images = np.full((2, *shape), turn % 256, np.uint8)
    with ThreadPoolExecutor(CALLERS) as callers:
        results = list(callers.map(lambda _: model.run_outputs(images), range(CALLERS)))
    for result in results[1:]:
        for name, values in result.items():
            if values.tobytes() != results[0][name].tobytes():
                raise AssertionError(f"{path}, {name}: differs from one thread to the next")
    contents = bytearray(path.read_bytes())
    contents[turn * 7919 % len(contents)] ^= 0x10
    damaged.write_bytes(contents)
    try:
        edgebin.load(damaged)
    except EdgebinError:
        return CALLERS * len(images)
    raise AssertionError(f"{path}: a damaged copy was loaded")


def growth(samples: list[int]) -> int:
    """Return how much the least of the last quarter is above that of the second one."""
    quarter = len(samples) // 4
    return min(samples[3 * quarter :]) - min(samples[quarter : 2 * quarter])


def endure(models: list[Path], seconds: float) -> tuple[list[int], int, int]:
    """Run until time is up, but two rounds a quarter; return resident memory, rounds, images."""
    samples: list[int] = []
    rounds = images = 0
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        while (passed := time.monotonic() - start) < seconds or len(samples) < LEAST_SAMPLES:
            images += one_round(models[rounds % len(models)], Path(place) / "d.ebn", rounds)
            rounds += 1
            if passed >= len(samples) * seconds / SAMPLES:
                gc.collect()
                samples.append(resident_bytes())
    return samples, rounds, images


def main(arguments: list[str]) -> int:
    """Run; return the exit code."""
    parser = argparse.ArgumentParser(description="Stable memory over a long time.")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--models", type=Path, default=SHIPPED, help="folder of .ebn files")
    parser.add_argument("--most-growth", type=int, default=4 << 20, help="bytes")
    parser.add_argument("--output", type=Path, help="JSON file for the results")
    options = parser.parse_args(arguments)
    models = sorted(options.models.glob("*.ebn"))
    if not models:
        print(f"{options.models}: expected .ebn files, found none")
        return 2
    samples, rounds, images = endure(models, options.seconds)
    grown = growth(samples)
    report = {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()} {platform.release()}",
        "seconds": options.seconds,
        "rounds": rounds,
        "pictures": images,
        "growth_bytes": grown,
        "resident_bytes": samples,
    }
    if options.output:
        contents = (json.dumps(report) + "\n").encode()
        write_whole(options.output, lambda file: file.write(contents))
    print(
        f"{rounds} rounds, {images} images, "
        f"resident {samples[0] >> 10} to {samples[-1] >> 10} KiB, "
        f"grown by {grown >> 10} KiB of at most {options.most_growth >> 10}"
    )
    return int(grown > options.most_growth)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
