"""One peer on one core: the work of an image, and the instruction by which the peer multiplies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from arm import system
from arm.counts import Block, code_of_an_image, instructions
from arm.cycles import CORES, Core, assembly, weighed
from edgebin.errors import EdgebinError
from peers import AGREEMENT
from runtimes import PEERS
from suite import NETWORKS

_BENCHMARKS = Path(__file__).resolve().parent.parent
_RUNNER = _BENCHMARKS / "arm/run_image.py"
PRECISIONS = {"litert": ("int8",), "onnxruntime": ("int8",), "ncnn": ("fp32", "fp16")}
_NEEDS = {"fp16": "asimdhp"}  # of a core's features: without it, ncnn calculates in fp32
_SHARE = 1e-3  # of the instructions: blocks below say nothing of the kernels
_FAMILIES = ("sdot", "udot", "smmla", "smlal", "smlsl", "umlal", "smull", "fmla", "fmul", "mla")


def cases(peers: Sequence[str], cores: Sequence[str]) -> list[tuple[str, str, Core]]:
    """Peer, precision and core of each row: int8, where a peer's wheel can make it, or floats."""
    return [
        (peer, precision, core)
        for peer in peers
        for precision in PRECISIONS[peer]
        for core in CORES
        if core.qemu in cores
        and _NEEDS.get(precision, "fp") in system.IDENTITIES[core.qemu].features.split()
    ]


def count(
    case: Mapping[str, str], model: Path, network: str, place: Path, plugin: Path
) -> dict[str, Any]:
    """Return what an image takes, and what tells that it was the right one.

    Args:
        case: its peer, precision and core.
        model: as the peer's `make` wrote it.
        network: which that is.
        place: as `system.unpack` returned it.
        plugin: as `build_plugin` returned it; its folder takes what the runs write.

    Raises:
        EdgebinError: the peer cannot be installed or fails, or its logits are not the baseline's.
    """
    core = next(core for core in CORES if core.qemu == case["core"])
    package = PEERS[case["peer"]].packages[0]
    site = system.install(place, (f"numpy=={np.__version__}", f"{package}=={version(package)}"))
    system.become(place, core.qemu)
    folder = plugin.parent
    answer = folder / "answer.json"
    job = [case["peer"], case["precision"], str(model.resolve()), str(NETWORKS[network].side)]
    blocks = code_of_an_image(
        [system.python(place), str(_RUNNER), *job, str(answer)],
        ["image"],
        core=core.qemu,
        plugin=plugin,
        folder=folder,
        options=system.options(place, (site, _BENCHMARKS)),
    )
    return {
        "version": version(package),
        "instructions": round(instructions(blocks)),
        "cycles": round(sum(spent for _, spent in weighed(blocks, core))),
        "products": products(blocks),
        "agreement": _agreement(network, json.loads(answer.read_text())),
    }


def products(blocks: Mapping[Block, float]) -> str:
    """The instruction that multiplies most: it tells which kernels the peer chose.

    Args:
        blocks: how often each ran.
    """
    least = _SHARE * instructions(blocks)
    counts: Counter[str] = Counter()
    for block, count in blocks.items():
        if block.instructions * count < least:
            continue
        for line in assembly(block.code):
            name = line.split()[0].removesuffix("2")
            if name in _FAMILIES:
                counts[name] += round(count)
    return counts.most_common(1)[0][0] if counts else "none"


def _agreement(network: str, found: Sequence[float]) -> float:
    """Correlation of logits with the float baseline's.

    Raises:
        EdgebinError: they are others.
    """
    from runtimes.float_baselines import logits

    agreement = float(np.corrcoef(found, logits(network))[0, 1])
    if not agreement >= AGREEMENT:
        raise EdgebinError(f"its logits are not the float baseline's: correlation {agreement:.3f}")
    return round(agreement, 4)
