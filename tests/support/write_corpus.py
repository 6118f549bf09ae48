"""Writes networks, images and the oracle's outputs for `tests/cpp/runtime`.

    python tests/support/write_corpus.py FOLDER [EXAMPLES]

FOLDER gets NAME.ebn, with a fingerprint of one image, and NAME.bin (the images, then each output of
all images, float32) for EXAMPLES networks (8 by default) of every kind that the Python tests draw:
each product of `conv` and `linear` alone, convolutions with post-ops, and whole networks. Operators
of version 3 are there alone, too, small enough for the attack. All are the same every time. The C++
tests then hold the runtime to the oracle where Python cannot go: under sanitizers and on emulated
machines.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgebin.graph.detect import Detect
from edgebin.graph.fingerprint import make
from edgebin.graph.format import write
from edgebin.graph.ir import Graph, Network
from edgebin.graph.ops import OPS, infer_types
from edgebin.graph.reference import run
from graphs.detectors import image_detector, levels, passing_on
from graphs.every_operator import every_operator
from graphs.networks import networks, typed_networks
from graphs.sketch import Sketch, network, pixels
from graphs.strategies import PRODUCTS, Case, convolutions, linears, with_post_ops


def write_case(case: Case, stem: Path, whole: Network | None = None) -> None:
    """Write one network, its images and what the oracle makes of them.

    Args:
        case: graph and images.
        stem: of the two files' names.
        whole: the network of that graph; None makes one around it.
    """
    tested = replace(
        network(case.graph) if whole is None else whole,
        self_test=make(case.graph, (len(case.graph.nodes),)),
    )
    write(tested, stem.with_suffix(".ebn"), producer="")
    outputs = run(case.graph, case.images)
    given = case.images.values() if isinstance(case.images, dict) else (case.images,)
    contents = b"".join(array.tobytes() for array in (*given, *outputs))
    stem.with_suffix(".bin").write_bytes(contents)


def write_kind(cases: st.SearchStrategy[Case], stem: Path, examples: int) -> None:
    """Write that many cases as STEM-0, STEM-1, ..."""
    count = 0

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
    )
    @given(case=cases)
    def draw(case: Case) -> None:
        nonlocal count
        write_case(case, stem.with_name(f"{stem.name}-{count}"))
        count += 1

    draw()


def write_newer_operators(folder: Path) -> None:
    """Write a network for each operator that files have since version 3."""
    whole = every_operator()
    images = pixels(np.random.default_rng(1), 2, whole.input_shape)
    for name in sorted(op.name for op in OPS.values() if op.since >= 3):
        node = next(node for node in whole.nodes if node.op == name)
        write_case(Case(ending_in(whole, node.name), images), folder / f"{name}-0")


def write_detectors(folder: Path) -> None:
    """Write a detector of images, and one whose inputs come out as they are, with its task."""
    random = np.random.default_rng(2)
    of_images = image_detector()
    rule = Detect(levels((4, 0, 1), (8, 2, 3)), candidates=40, max_boxes=20)
    passing = passing_on(((2, 3), (1, 2)), 3, 0.5, rule)
    arrays = {x.name: random.random((2, *x.shape), np.float32) for x in passing.graph.inputs}
    cases: tuple[tuple[str, Network, Any], ...] = (
        ("detect-image-0", of_images, pixels(random, 2, of_images.graph.input_shape)),
        ("detect-levels-0", passing, arrays),
    )
    for name, made, images in cases:
        write_case(Case(made.graph, images), folder / name, made)


def ending_in(graph: Graph, name: str) -> Graph:
    """Return the nodes that the value `name` is computed from, which is the output."""
    needed = {name}
    sketch = Sketch(graph.input_shape)
    for node in reversed(graph.nodes):
        if node.name in needed:
            needed.update(node.inputs)
    sketch.nodes = [node for node in graph.nodes if node.name in needed]
    sketch.types = infer_types(graph)
    return sketch.graph(name)


def main(folder: Path, examples: int) -> None:
    """Write the whole corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    layers: tuple[tuple[str, Callable[[tuple[str, str, str]], st.SearchStrategy[Case]]], ...]
    layers = (("conv", convolutions), ("linear", linears))
    for name, draw in layers:
        for product in PRODUCTS:
            write_kind(draw(product), folder / "-".join((name, *product)), examples)
    for product in PRODUCTS:
        if product[2] == "scale":
            write_kind(
                with_post_ops(product), folder / "-".join(("post-ops", *product)), 2 * examples
            )
    write_kind(networks(), folder / "network", 4 * examples)
    write_kind(typed_networks(), folder / "inputs", examples)
    write_newer_operators(folder)
    write_detectors(folder)
    print(f"{folder}: {len(list(folder.glob('*.ebn')))} networks")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where they go")
    parser.add_argument("examples", type=int, nargs="?", default=8, help="networks of a kind")
    arguments = parser.parse_args()
    main(arguments.folder, arguments.examples)
