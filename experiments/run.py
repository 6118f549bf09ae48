"""Runs a training experiment step by step and records what each step brings and costs.

    python experiments/run.py EXPERIMENT.toml --data FOLDER --runs FOLDER --output FILE.json

An experiment is a list of steps. A step is a training (`recipe`: a shipped recipe, or a file whose
path is relative to the experiment's folder; optionally `epochs`, `holdout`, `seed`, `init` and
`teacher`) or an alternating update (`refines`). Finished steps are skipped and an interrupted step
is resumed, so an experiment can be run in parts. With --jobs, steps run in parallel, each after the
steps that it needs, and their output goes to FOLDER/STEP.txt: a GPU has capacity for several small
networks. The seconds of such steps are those of a shared machine. The test set is evaluated once
per step and is never used to choose anything.

Cost is reported in seconds and in image passes, which do not depend on the machine. One image pass
is one forward pass of one image through a network: training on an image counts as three, with a
teacher as four. An update is counted as if every evaluation of an image ran the whole network,
which overestimates it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import benchmarks_path  # noqa: F401
from arguments import Parser, count, plot_file, result_file, writable_folder
from cost_chart import draw
from edgebin.errors import EdgebinError
from experiment_file import SOURCES, Step, read_experiment, recipe_of
from outcome import outcome, with_totals
from parallel import FailedError, completed
from result_files import about, write_result


def command_of(
    step: Step, experiment: Path, folders: Mapping[str, Path], options: Mapping[str, object]
) -> list[str]:
    """Return the command line of a step.

    Args:
        step: to run.
        experiment: path of the file that has the step.
        folders: run folder of each step, by name.
        options: of all steps; None leaves an option out.
    """
    out = folders[step.name]
    if step.recipe:
        words = [
            "train",
            recipe_of(step, experiment),
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


def start_process(words: Sequence[str], output: Path | None) -> subprocess.Popen[bytes]:
    """Start a command.

    Args:
        words: of the command line.
        output: file that receives what the command prints, or None to show it.

    Raises:
        EdgebinError: the file cannot be written.
    """
    if output is None:
        return subprocess.Popen(words)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("wb") as file:
            return subprocess.Popen(words, stdout=file, stderr=subprocess.STDOUT)
    except OSError as error:
        raise EdgebinError(f"{output}: cannot write there: {error.strerror}") from None


def main() -> int:
    """Run the experiment; return the exit code."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("experiment", type=Path, help="file of steps")
    parser.add_argument("--data", required=True, help="folder of the data set")
    parser.add_argument("--runs", required=True, type=writable_folder, help="folder for all runs")
    parser.add_argument("--output", required=True, type=result_file, help="file of the result")
    parser.add_argument("--plot", type=plot_file, help="chart of accuracy against cost")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=count, help="CPU threads per step")
    parser.add_argument("--jobs", type=count, default=1, help="steps in parallel")
    arguments = parser.parse_args()
    options = {name: getattr(arguments, name) for name in ("data", "device", "threads")}
    try:
        steps = read_experiment(arguments.experiment)
        folders = {step.name: arguments.runs / step.folder for step in steps}
        by_name = {step.name: step for step in steps}
        # A run with other options is reported before any step starts.
        finished = {step.name: outcome(step, folders, arguments.experiment) for step in steps}
        rows: dict[str, dict[str, Any]] = {}

        def start(name: str) -> subprocess.Popen[bytes] | None:
            if finished[name] is not None:
                return None
            print(f"== {name}", flush=True)
            step = by_name[name]
            words = command_of(step, arguments.experiment, folders, options)
            # Several progress displays would overwrite one another.
            output = arguments.runs / f"{step.folder}.txt" if arguments.jobs > 1 else None
            return start_process(words, output)

        needs = {step.name: step.sources for step in steps}
        with closing(completed(needs, start, arguments.jobs)) as names:
            for name in names:
                row = finished[name] or outcome(by_name[name], folders, arguments.experiment)
                if row is None:
                    raise EdgebinError(f"{folders[name]}: expected a log with an end, found none")
                rows[name] = row
                done = [rows[step.name] for step in steps if step.name in rows]
                result = {
                    "experiment": arguments.experiment.stem,
                    "jobs": arguments.jobs,
                    "steps": with_totals(done, steps),
                    **about(),
                }
                write_result(result, arguments.output)
                if arguments.plot is not None:
                    draw(result, arguments.plot)
                print(f"{name}: {row['test_accuracy']:.2%}, {row['seconds']:.0f} s", flush=True)
    except EdgebinError as error:
        print(f"run: error: {error}", file=sys.stderr)
        return 2
    except FailedError as failure:
        name, code = failure.args
        if arguments.jobs > 1:
            log = arguments.runs / f"{by_name[name].folder}.txt"
            print(f"run: error: {name}: ended with code {code}, see {log}", file=sys.stderr)
        return int(code)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
