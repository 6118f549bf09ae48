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

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from arguments import Parser, count, plot_file, result_file, writable_folder
from edgebin.errors import EdgebinError
from ladder_chart import draw
from ladder_file import SOURCES, Step, read_ladder, recipe_of
from ladder_rows import outcome, with_totals
from results import about, write_result
from side_by_side import FailedError, ended


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
        words = [
            "refine",
            str(folders[step.options["refines"]] / "checkpoint.pt"),
            *(["--resume"] if (out / "unfinished.pt").exists() else []),
        ]
    for key in ("init", "teacher"):
        if key in step.options:
            source = folders[step.options[key]] / "checkpoint.pt"
            if key == "teacher" or "--resume" not in words or source.exists():
                words += [f"--{key}", str(source)]
    for key, value in {**options, **step.options, "out": out}.items():
        if key not in SOURCES and value is not None:
            words += [f"--{key}", str(value)]
    return [sys.executable, "-m", "edgebin", *words]


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
        # A run with other options is found before one begins.
        before = {step.name: outcome(step, folders, arguments.ladder) for step in steps}
        rows: dict[str, dict[str, Any]] = {}

        def start(name: str) -> subprocess.Popen[bytes] | None:
            if before[name] is not None:
                return None
            print(f"== {name}", flush=True)
            step = by_name[name]
            words = command_of(step, arguments.ladder, folders, options)
            # Several displays of progress would write over each other.
            aside = arguments.runs / f"{step.folder}.txt" if arguments.jobs > 1 else None
            return begun(words, aside)

        needs = {step.name: step.sources for step in steps}
        with closing(ended(needs, start, arguments.jobs)) as names:
            for name in names:
                row = before[name] or outcome(by_name[name], folders, arguments.ladder)
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
        if arguments.jobs > 1:
            told = arguments.runs / f"{by_name[name].folder}.txt"
            print(f"ladder: error: {name}: ended with code {code}, see {told}", file=sys.stderr)
        return int(code)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
