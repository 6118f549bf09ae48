"""Runs every libFuzzer target for a while, minimises what it found, and says how far it came.

    python tests/fuzz/long_run.py BUILD [--seconds 3600] [--jobs 1] [--seeds build/corpus]
        [--output F.json]

BUILD is a build folder of the preset `fuzz`. Each target starts from what earlier runs left in
`--corpus FOLDER/TARGET`, those of model files also from the folder given as seeds; what covers
something then is merged into that folder again, smallest first. Inputs that crash, leak or take
over ten seconds are findings: they are kept in the folder `--findings`, and the exit code is 1. A
target that ends otherwise than well is a finding too: what it said is in TARGET.log there.
TARGET.dict beside this file, where there is one, holds words for libFuzzer to write into inputs.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from edgebin.files.atomic_write import write_whole

ONE_INPUT = 10  # seconds that may pass
LONGEST = 8192  # bytes of an input
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Figures:
    """What one target did; `features` as libFuzzer counts them."""

    target: str
    seconds: int
    executions: int
    edges: int
    features: int
    corpus_files: int
    corpus_bytes: int
    findings: list[str]


def fuzz(program: Path, folders: list[Path], options: list[str]) -> tuple[int, str]:
    """Run libFuzzer; return its exit code and what it said.

    Raises:
        FileNotFoundError: there is no such program.
    """
    command = [str(program), *options, *map(str, folders)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def limits(seconds: int, findings: Path) -> list[str]:
    """Return libFuzzer's options of a run."""
    return [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        "-len_control=0",
        f"-timeout={ONE_INPUT}",
        f"-artifact_prefix={findings}/",
        "-print_final_stats=1",
    ]


def last_number(pattern: str, text: str) -> int:
    """Return the last number that follows `pattern`, or 0."""
    found = re.findall(pattern + r"\s*(\d+)", text)
    return int(found[-1]) if found else 0


def long_run(program: Path, options: argparse.Namespace) -> Figures:
    """Fuzz one target, and merge what it found into its corpus."""
    target = program.name.removeprefix("edgebin_").removesuffix("_fuzz")
    findings = options.findings / target
    findings.mkdir(parents=True, exist_ok=True)
    kept = options.corpus / target
    models = options.seeds if target.startswith("load") else None
    seeds = [folder for folder in (kept, models) if folder and folder.is_dir()]
    with tempfile.TemporaryDirectory() as place:
        found, merged = Path(place) / "found", Path(place) / "merged"
        found.mkdir()
        merged.mkdir()
        words = [f"-dict={file}" for file in HERE.glob(f"{target}.dict")]
        code, said = fuzz(program, [found, *seeds], limits(options.seconds, findings) + words)
        (options.findings / f"{target}.log").write_text(said)
        merge = ["-merge=1", f"-max_len={LONGEST}"]
        merge_code, _ = fuzz(program, [merged, found, *seeds], merge)
        smallest = list(merged.iterdir())
        if merge_code == 0:
            replace(kept, smallest)
        return Figures(
            target=target,
            seconds=options.seconds,
            executions=last_number("stat::number_of_executed_units:", said),
            edges=last_number("cov:", said),
            features=last_number("ft:", said),
            corpus_files=len(smallest),
            corpus_bytes=sum(file.stat().st_size for file in smallest),
            findings=sorted(file.name for file in findings.iterdir())
            + [f"exit code {bad}" for bad in (code, merge_code) if bad],
        )


def replace(folder: Path, files: list[Path]) -> None:
    """Make the folder hold just these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    for old in {path.name for path in folder.iterdir()} - {file.name for file in files}:
        (folder / old).unlink()


def main(arguments: list[str]) -> int:
    """Run; return the exit code."""
    parser = argparse.ArgumentParser(description="Every libFuzzer target.")
    parser.add_argument("build", type=Path)
    parser.add_argument("--seconds", type=int, default=3600, help="of each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--target", action="append", help="this one alone; may be repeated")
    parser.add_argument("--seeds", type=Path, help="folder of model files to start from")
    parser.add_argument("--corpus", type=Path, default=Path("build/fuzz-corpus"))
    parser.add_argument("--findings", type=Path, default=Path("build/findings"))
    parser.add_argument("--output", type=Path, help="JSON file for the results")
    options = parser.parse_args(arguments)
    wanted = options.target or ["*"]
    programs = sorted(
        {
            file
            for target in wanted
            for file in options.build.glob(f"tests/fuzz/edgebin_{target}_fuzz")
        }
    )
    if not programs:
        print(f"{options.build}: expected fuzzers, found none; build the preset fuzz first")
        return 2
    with ThreadPoolExecutor(options.jobs) as pool:
        targets = list(pool.map(lambda program: long_run(program, options), programs))
    report = {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()} {platform.release()}",
        "targets": [asdict(target) for target in targets],
    }
    text = json.dumps(report, indent=2) + "\n"
    print(text, end="")
    if options.output:
        write_whole(options.output, lambda file: file.write(text.encode()))
    return int(any(target.findings for target in targets))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
