"""A machine that has nothing but the wheel: what a board gets from `pip install edgebin`.

Run by `.ci/run` with EDGEBIN_BARE_PYTHON naming the interpreter of that environment. It is no part
of the ordinary test run, which has PyTorch around.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

PYTHON = os.environ.get("EDGEBIN_BARE_PYTHON", "")
EXAMPLES = Path(__file__).parents[2] / "examples"
ALLOWED = {
    "edgebin",
    "numpy",
    "pillow",
    "typer",
    "rich",
    # what typer and rich bring, all pure Python
    "annotated-doc",
    "markdown-it-py",
    "mdurl",
    "pygments",
    "shellingham",
    # what a new environment has
    "pip",
    "setuptools",
    "wheel",
}

pytestmark = pytest.mark.skipif(not PYTHON, reason="EDGEBIN_BARE_PYTHON names no interpreter")


def run(*command: str, folder: Path) -> str:
    return subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=folder, timeout=120
    ).stdout


def test_nothing_else_is_installed(tmp_path: Path) -> None:
    lines = run(PYTHON, "-m", "pip", "list", "--format=freeze", folder=tmp_path).splitlines()
    names = {line.partition("==")[0].lower().replace("_", "-") for line in lines}
    assert {"edgebin", "numpy", "pillow"} <= names <= ALLOWED


def test_the_wheel_holds_the_package_and_its_command_alone(tmp_path: Path) -> None:
    code = "from importlib.metadata import files; print(*files('edgebin'), sep='\\n')"
    for file in run(PYTHON, "-c", code, folder=tmp_path).splitlines():
        top = file.split("/")[0]
        assert top in {"edgebin", ".."} or top.endswith(".dist-info"), file
        assert top != ".." or file.endswith("/bin/edgebin"), file


def test_the_machine_is_verified_without_pytorch(tmp_path: Path) -> None:
    lines = run(PYTHON, "-m", "edgebin", "verify", "cifar10-resnet20", folder=tmp_path).splitlines()
    assert lines[-1].startswith("bit-exact: cifar10-resnet20, 2 images in ")


def test_pytorch_is_absent(tmp_path: Path) -> None:
    code = "import importlib.util as u; print(u.find_spec('torch'))"
    assert run(PYTHON, "-c", code, folder=tmp_path) == "None\n"


def test_the_sample_picture_is_classified(tmp_path: Path) -> None:
    command = str(Path(PYTHON).with_name("edgebin"))
    out = run(command, "run", "cifar10-resnet20", str(EXAMPLES / "ship.png"), folder=tmp_path)
    assert out.splitlines()[1].split()[0] == "ship"


def test_the_doctor_looks_at_this_machine(tmp_path: Path) -> None:
    report = json.loads(run(PYTHON, "-m", "edgebin", "doctor", "--json", folder=tmp_path))
    assert report["kernels"]["chosen"] in report["kernels"]["isas"]


def test_commands_that_need_pytorch_say_so(tmp_path: Path) -> None:
    child = subprocess.run(
        [PYTHON, "-m", "edgebin", "export", "--arch", "resnet20", "-o", "a.ebn"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert child.returncode == 2
    assert child.stderr.startswith("edgebin: error: ")
    assert child.stderr.count("\n") == 1
    assert "install it with: pip install" in child.stderr
    assert "torch" in child.stderr.rpartition("pip install")[2]
    assert "edgebin[" not in child.stderr  # no package index has it
