"""Shell completion: commands, and the names of shipped models, recipes and instruction sets."""

from __future__ import annotations

import os
import subprocess

import pytest

from edgebin.runtime.zoo import shipped


@pytest.mark.parametrize(
    ("words", "number", "expected"),
    [
        ("edgebin ver", 1, ["verify"]),
        ("edgebin run cifar", 2, [name for name in shipped() if name.startswith("cifar")]),
        ("edgebin inspect nothing", 2, []),
        ("edgebin train folder-", 2, ["folder-resnet18", "folder-resnet20"]),
        ("edgebin run --isa scal", 3, ["scalar"]),
        ("edgebin verify --isa scal", 3, ["scalar"]),
        ("edgebin compare cifar10-r", 2, ["cifar10-resnet20"]),
        ("edgebin compare cifar10-resnet20 cifar10-v", 3, ["cifar10-vgg-small"]),
        ("edgebin train x --device c", 4, ["cpu", "cuda"]),
        ("edgebin refine x --device cu", 4, ["cuda"]),
        ("edgebin export --first i", 3, ["int8"]),
        ("edgebin export --last f", 3, ["float32"]),
    ],
)
def test_bash_completes(words: str, number: int, expected: list[str], python: str) -> None:
    child = subprocess.run(
        [python, "-m", "edgebin"],
        env={
            **os.environ,
            "COMP_WORDS": words,
            "COMP_CWORD": str(number),
            "_EDGEBIN_COMPLETE": "complete_bash",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert child.stdout.split() == expected
