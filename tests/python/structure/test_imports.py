"""What importing and running edgebin may load, and where torch, typer and rich may be named."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import edgebin

PACKAGE = Path(edgebin.__file__).parent
HEAVY = ("torch", "typer", "rich", "PIL", "edgebin.nn", "edgebin.train", "edgebin.exporter")
BLOCK = "import sys\nfor name in ('torch', 'typer', 'rich'): sys.modules[name] = None\n"


def run_python(code: str, *arguments: object) -> str:
    """Run code in a fresh interpreter outside the source tree and return what it printed."""
    child = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert child.returncode == 0, child.stderr
    return child.stdout


def imported(path: Path) -> Iterator[str]:
    """Yield the names of all modules that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_importing_edgebin_loads_numpy_alone() -> None:
    code = f"import sys, json, edgebin; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    assert json.loads(run_python(code)) == []


def test_commands_start_without_what_few_of_them_need() -> None:
    code = "import edgebin.cli.app, sys; print([n for n in ('torch', 'PIL') if n in sys.modules])"
    assert run_python(code) == "[]\n"


def test_classifying_needs_numpy_and_pillow_alone(colours: Path, green: Path) -> None:
    code = BLOCK + "import edgebin; print(edgebin.load(sys.argv[1])(sys.argv[2])[0].label)"
    assert run_python(code, colours, green) == "green\n"


def test_what_needs_pytorch_says_so() -> None:
    code = BLOCK + (
        "import edgebin\n"
        "for name in ('export', 'nn', 'convert'):\n"
        "    try: getattr(edgebin, name)\n"
        "    except ImportError as error: print(error)\n"
    )
    first, second, third = run_python(code).splitlines()
    assert first.startswith("edgebin.export needs PyTorch: pip install ")
    assert " edgebin[" not in first  # no package index has it
    assert second.startswith("edgebin.nn needs PyTorch")
    assert third.startswith("edgebin.convert needs PyTorch")


def test_what_needs_pytorch_is_reachable() -> None:
    pytest.importorskip("torch", reason="needs PyTorch")
    code = "import edgebin; print(edgebin.export, edgebin.convert, edgebin.nn.HWGQ)"
    assert run_python(code).count("<function ") == 2


def test_dir_shows_the_public_names_alone() -> None:
    assert set(dir(edgebin)) == {*edgebin.__all__, "__version__"}
    assert {"convert", "export", "nn", "refine", "train"} <= set(dir(edgebin))
    assert {"Any", "TYPE_CHECKING", "importlib", "annotations"}.isdisjoint(dir(edgebin))


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        edgebin.nothing  # noqa: B018


def test_everything_promised_exists() -> None:
    pytest.importorskip("torch", reason="needs PyTorch")
    for name in edgebin.__all__:
        assert getattr(edgebin, name) is not None


@pytest.mark.parametrize(
    ("module", "places"),
    [
        ("torch", {"nn/", "converter/", "train/", "refine/", "exporter/", "sources/", "cli/"}),
        ("typer", {"cli/"}),
        ("rich", {"cli/", "train/", "refine/"}),
        (
            "PIL",
            {
                "runtime/images/",
                "runtime/preprocess.py",
                "runtime/model.py",
                "train/",
                "runtime/prediction.py",
                "runtime/drawing.py",
                "cli/classify/labelled.py",
            },
        ),
    ],
)
def test_modules_are_imported_only_in_their_places(module: str, places: set[str]) -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(name.split(".")[0] == module for name in imported(path))
    }
    assert found, f"nothing imports {module}: the test looks in the wrong place"
    assert not {path for path in found if not path.startswith(tuple(places))}
