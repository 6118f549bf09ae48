"""Trains and updates networks step by step and tells what each step brings and costs.

    python benchmarks/ladder.py LADDER.toml --data FOLDER --runs FOLDER --output FILE.json

A ladder is a list of steps: trainings (`recipe`, a shipped one or a file whose path counts from the
ladder's folder, perhaps with `epochs`, `holdout`, `seed`, `init` and `teacher`) and alternating
updates (`refines`). Steps that are done are not done again, and one that was stopped goes on, so
that a ladder may be climbed in parts. With --jobs steps run side by side, each after those that it
needs, and what they print goes to FOLDER/STEP.txt: a GPU has room for several small networks. Their
seconds are then those of a shared machine. The test set is looked at once a step, and chooses
nothing.

Cost is told as seconds, and as picture passes, which do not depend on the machine: one is a picture
forwards through a network, so that training on a picture counts three, with a teacher four. An
update is counted as if every look at a picture went through the whole network, which is too much.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arguments import Parser, count, plot_file, result_file, writable_folder
from edgebin.errors import EdgebinError
from ladder_chart import draw
from results import about, write_result
from side_by_side import FailedError, ended

_TOML = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
_TRAINING = ("epochs", "holdout", "seed")
_UPDATE = ("method", "target", "pictures", "holdout", "rounds", "seed", "last")
_FROM = ("init", "teacher", "refines")
_TRAINING_PASSES = 3  # of a picture: forwards, and twice that backwards
_LOSS_TRIALS = 3  # of a layer where the target is the loss


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, the recipe of a training or "", and its options as the file has them."""

    name: str
    recipe: str
    options: Mapping[str, Any]

    @property
    def folder(self) -> str:
        """The folder of its run."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    @property
    def sources(self) -> list[str]:
        """Names of the steps that it needs."""
        return [self.options[key] for key in _FROM if key in self.options]


def read_ladder(path: Path) -> list[Step]:
    """The steps of a file, each after those that it needs.

    Raises:
        EdgebinError: the file cannot be read, or a step is none.
    """
    try:
        entries = _TOML.loads(path.read_text(encoding="utf-8")).get("step", [])
    except (OSError, ValueError) as error:
        raise EdgebinError(f"{path}: expected a TOML file, found: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise EdgebinError(f"{path}: expected tables [[step]], found another 'step'")
    steps: list[Step] = []
    for number, entry in enumerate(entries, 1):
        options = dict(entry)
        name, recipe = options.pop("name", ""), options.pop("recipe", "")
        if not isinstance(name, str) or not isinstance(recipe, str):
            raise EdgebinError(f"{path}: step {number}: expected name and recipe to be texts")
        step = Step(name, recipe, options)
        known = (*_TRAINING, "init", "teacher") if recipe else (*_UPDATE, "teacher", "refines")
        for key in options:
            if key not in known:
                raise EdgebinError(f"{path}: step {number}: expected no key {key!r}, found one")
        if not step.folder or not (recipe or "refines" in options):
            raise EdgebinError(f"{path}: step {number}: expected a name, and recipe or refines")
        for source in step.sources:
            if source not in [earlier.name for earlier in steps]:
                raise EdgebinError(
                    f"{path}: step {number}: expected an earlier step, found {source!r}"
                )
        if step.folder in [earlier.folder for earlier in steps]:
            raise EdgebinError(
                f"{path}: step {number}: expected a folder of its own, found {step.folder!r} again"
            )
        steps.append(step)
    if not steps:
        raise EdgebinError(f"{path}: expected tables [[step]], found none")
    return steps


def recipe_of(step: Step, ladder: Path) -> str:
    """The name of a shipped recipe, or the path of a file, which a ladder gives from its folder."""
    return str(ladder.parent / step.recipe) if step.recipe.endswith(".toml") else step.recipe


def command_of(
    step: Step, ladder: Path, folders: Mapping[str, Path], options: Mapping[str, object]
) -> list[str]:
    """The command line of a step of that file; folders by name of step, options for all of them."""
    out = folders[step.name]
    if step.recipe:
        words = [
            "train",
            recipe_of(step, ladder),
            *(["--resume"] if (out / "checkpoint.pt").exists() else []),
        ]
    else:
        words = ["refine", str(folders[step.options["refines"]] / "checkpoint.pt")]
    for key in ("init", "teacher"):
        if key in step.options and not (key == "init" and "--resume" in words):
            words += [f"--{key}", str(folders[step.options[key]] / "checkpoint.pt")]
    for key, value in {**options, **step.options, "out": out}.items():
        if key not in _FROM and value is not None:
            words += [f"--{key}", str(value)]
    return [sys.executable, "-m", "edgebin", *words]


def outcome(step: Step, folder: Path) -> dict[str, Any] | None:
    """What the log of a step says, or None if it has not ended.

    Raises:
        EdgebinError: it was run with other options, or no test set.
    """
    try:
        lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return None
    ends = [number for number, entry in enumerate(entries) if entry["event"] == "end"]
    if not ends:
        return None
    entries = entries[: ends[-1] + 1]
    header, end = entries[0], entries[-1]
    ran = _options_of(header)
    for key, value in step.options.items():
        if key not in _FROM and ran.get(key) != value:
            found = ran.get(key, "none")
            raise EdgebinError(f"{folder}: expected a run with {key} {value}, found {found}")
    if "test" not in end and "test_accuracy" not in end:
        raise EdgebinError(f"{folder}: expected a run with a test set, found one without")
    made = _training(step, entries) if step.recipe else _update(entries)
    return {
        "step": step.name,
        "options": dict(step.options),
        **made,
        "device": header["device"],
        "started": header["started"],
    }


def _training(step: Step, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    epochs = [entry for entry in entries if entry["event"] == "epoch"]
    taught = "teacher" in step.options
    return {
        "recipe": step.recipe,
        "epochs": len(epochs),
        "seconds": round(sum(entry["seconds"] for entry in epochs), 1),
        "passes": len(epochs) * _epoch_passes(entries[0]["pictures"], taught),
        "test_accuracy": entries[-1]["test_accuracy"],
    }


def _update(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    layers = [entry for entry in entries if entry["event"] == "layer"]
    heads = [entry for entry in entries if entry["event"] == "head"]
    end = entries[-1]
    return {
        # Of the layers, and of the last layer's fit.
        "seconds": round(sum(entry.get("seconds", 0.0) for entry in entries), 1),
        "passes": update_passes(entries[0]["options"], len(layers), heads),
        "layers_kept": sum(entry["kept"] for entry in layers),
        "layers": len(layers),
        "flips": sum(entry["flips"] for entry in layers if entry["kept"]),
        "judged_loss": [end["before"]["loss"], end["after"]["loss"]],
        "judged_accuracy": [end["before"]["accuracy"], end["after"]["accuracy"]],
        "test_accuracy": end["test"]["accuracy"],
    }


def _epoch_passes(pictures: Mapping[str, int], taught: bool) -> int:
    return pictures["train"] * (_TRAINING_PASSES + taught) + pictures.get("holdout", 0)


def update_passes(
    options: Mapping[str, Any], layers: int, heads: Sequence[Mapping[str, Any]]
) -> int:
    """Passes of an update with these options, of that many layers; heads are entries of the log."""
    pictures, holdout = int(options["pictures"]), int(options["holdout"])
    if options["target"] == "loss":  # a gradient; then statistics and a verdict for each trial
        layer = _TRAINING_PASSES * pictures + _LOSS_TRIALS * (pictures + holdout)
    else:  # what the network and the teacher answer; then likewise
        layer = 2 * pictures + pictures + holdout
    # What it reads and the teacher answers; the verdict before, and one for each fit.
    head = sum(2 * pictures + (1 + int(entry.get("fits", 3))) * holdout for entry in heads)
    return layers * layer + head + 2 * holdout  # and before and after


def _options_of(header: Mapping[str, Any]) -> Mapping[str, Any]:
    if "recipe" not in header:
        found: Mapping[str, Any] = header["options"]
        return found
    recipe = header["recipe"]
    return {
        "epochs": recipe["schedule"]["epochs"],
        "holdout": recipe["data"]["holdout"],
        "seed": recipe["run"]["seed"],
    }


def with_totals(rows: list[dict[str, Any]], steps: list[Step]) -> list[dict[str, Any]]:
    """The rows with the cost of a step and of all that it needs, each counted once."""
    by_name = {row["step"]: row for row in rows}
    needs: dict[str, set[str]] = {}
    for step in steps:
        needs[step.name] = {step.name}.union(*(needs[source] for source in step.sources))

    def total(row: Mapping[str, Any], cost: str) -> Any:
        return sum(by_name[name][cost] for name in needs[row["step"]])

    return [
        {
            **row,
            "total_seconds": round(total(row, "seconds"), 1),
            "total_passes": total(row, "passes"),
        }
        for row in rows
    ]


def begun(words: Sequence[str], aside: Path | None) -> subprocess.Popen[bytes]:
    """A command that runs; aside is a file for what it prints, where it is not to be shown.

    Raises:
        EdgebinError: the file cannot be written.
    """
    if aside is None:
        return subprocess.Popen(words)
    try:
        aside.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            return subprocess.Popen(words, stdout=file, stderr=subprocess.STDOUT)
    except OSError as error:
        raise EdgebinError(f"{aside}: cannot write there: {error.strerror}") from None


def main() -> int:
    """Climb; return the exit code."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("ladder", type=Path, help="file of steps")
    parser.add_argument("--data", required=True, help="folder of the data set")
    parser.add_argument("--runs", required=True, type=writable_folder, help="folder for all runs")
    parser.add_argument("--output", required=True, type=result_file, help="file of the result")
    parser.add_argument("--plot", type=plot_file, help="where to draw accuracy against cost")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=count, help="CPU threads of a step")
    parser.add_argument("--jobs", type=count, default=1, help="steps side by side")
    arguments = parser.parse_args()
    options = {name: getattr(arguments, name) for name in ("data", "device", "threads")}
    try:
        steps = read_ladder(arguments.ladder)
        folders = {step.name: arguments.runs / step.folder for step in steps}
        by_name = {step.name: step for step in steps}
        rows: dict[str, dict[str, Any]] = {}

        def start(name: str) -> subprocess.Popen[bytes] | None:
            step = by_name[name]
            if outcome(step, folders[name]) is not None:
                return None
            print(f"== {name}", flush=True)
            words = command_of(step, arguments.ladder, folders, options)
            # Several displays of progress would write over each other.
            aside = arguments.runs / f"{step.folder}.txt" if arguments.jobs > 1 else None
            return begun(words, aside)

        for step in steps:  # a run with other options is found before one begins
            outcome(step, folders[step.name])
        needs = {step.name: step.sources for step in steps}
        with closing(ended(needs, start, arguments.jobs)) as names:
            for name in names:
                row = outcome(by_name[name], folders[name])
                if row is None:
                    raise EdgebinError(f"{folders[name]}: expected a log with an end, found none")
                rows[name] = row
                found = [rows[step.name] for step in steps if step.name in rows]
                totals = with_totals(found, steps)
                result = {
                    "ladder": arguments.ladder.stem,
                    "jobs": arguments.jobs,
                    "steps": totals,
                    **about(),
                }
                write_result(result, arguments.output)
                if arguments.plot is not None:
                    draw(result, arguments.plot)
                print(f"{name}: {row['test_accuracy']:.2%}, {row['seconds']:.0f} s", flush=True)
    except EdgebinError as error:
        print(f"ladder: error: {error}", file=sys.stderr)
        return 2
    except FailedError as failure:
        name, code = failure.args
        told = arguments.runs / f"{by_name[name].folder}.txt"
        if arguments.jobs > 1:
            print(f"ladder: error: {name}: ended with code {code}, see {told}", file=sys.stderr)
        return int(code)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
