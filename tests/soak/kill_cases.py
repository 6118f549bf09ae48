"""What `kill.py` kills: commands that write files, and what must be true of those files afterwards.

A case knows how its command is called, and what a whole file of it is: the bytes or the tensors of
a run that nobody killed. It refuses to kill.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from edgebin.train.checkpoint.checkpoint import Checkpoint, load_checkpoint
from training.tiny_training import folder_recipe

EPOCHS = 3
_TIMES = ("seconds", "pictures_per_second", "started")


class Case:
    """One command, its folder, and how often it was killed since it last came to its end."""

    name: str

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / self.name
        self.folder.mkdir()

    def words(self) -> list[str]:
        """The next call of the command."""
        raise NotImplementedError

    def keep(self) -> None:
        """The command came to its end undisturbed: take what it wrote as what is expected.

        It is called twice, so that two whole runs are compared, or both contents are known.
        """
        raise NotImplementedError

    def check(self, *, finished: bool) -> None:
        """AssertionError where a file is neither the old one nor the new one."""
        raise NotImplementedError


class Train(Case):
    """A run that goes on after each kill and must end as one that was never killed."""

    name = "train"

    def words(self) -> list[str]:
        out = self.folder / "run"
        words = ["train", str(self.home / "tiny.toml"), "--data", str(self.home / "images")]
        words += ["--out", str(out), "--threads", "1", "--epochs", str(EPOCHS)]
        return [*words, "--resume"] if (out / "checkpoint.pt").exists() else words

    def keep(self) -> None:
        if (self.home / "trained").exists():
            self.check(finished=True)
        else:
            (self.folder / "run").rename(self.home / "trained")

    def check(self, *, finished: bool) -> None:
        path = self.folder / "run/checkpoint.pt"
        if path.exists():
            assert 1 <= load_checkpoint(path).epoch <= EPOCHS
        if finished:
            expected = self.home / "trained"
            assert same_checkpoint(load_checkpoint(path), load_checkpoint(expected / path.name))
            assert course(self.folder / "run/log.jsonl") == course(expected / "log.jsonl")
            shutil.rmtree(self.folder / "run")


class Refine(Case):
    """It goes on after each kill; its checkpoint is there when all is done, or not at all."""

    name = "refine"

    def words(self) -> list[str]:
        words = ["refine", str(self.home / "trained/checkpoint.pt"), "--out"]
        words += [str(self.folder / "run"), "--data", str(self.home / "images")]
        words += ["--images", "7", "--holdout", "5", "--threads", "1"]
        run = self.folder / "run"
        if (run / "checkpoint.pt").exists() and not (run / "unfinished.pt").exists():
            self.check(finished=True)  # killed when all was done
        return [*words, "--resume"] if (run / "unfinished.pt").exists() else words

    def keep(self) -> None:
        if (self.home / "refined").exists():
            self.check(finished=True)
        else:
            (self.folder / "run").rename(self.home / "refined")

    def check(self, *, finished: bool) -> None:
        path = self.folder / "run/checkpoint.pt"
        if finished or path.exists():
            expected = load_checkpoint(self.home / "refined/checkpoint.pt")
            assert same_checkpoint(load_checkpoint(path), expected)
        if finished:
            logs = (at / "log.jsonl" for at in (self.folder / "run", self.home / "refined"))
            assert course(next(logs)) == course(next(logs))
            shutil.rmtree(self.folder / "run")
        elif (unfinished := self.folder / "run/unfinished.pt").exists():
            assert load_checkpoint(unfinished).step >= 1


class Turns(Case):
    """A command that replaces one file, by turns by one of two contents."""

    file: str

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.turn = 0
        self.whole: list[bytes] = []

    def choices(self) -> tuple[list[str], list[str]]:
        """The two calls of the command."""
        raise NotImplementedError

    def words(self) -> list[str]:
        return self.choices()[self.turn % 2]

    def keep(self) -> None:
        self.whole.append((self.folder / self.file).read_bytes())
        self.turn += 1

    def check(self, *, finished: bool) -> None:
        found = (self.folder / self.file).read_bytes()
        assert found in self.whole, f"{len(found)} bytes that no whole file has"
        if finished:
            assert found == self.whole[self.turn % 2]
            self.turn += 1


class Export(Turns):
    name, file = "export", "model.ebn"

    def choices(self) -> tuple[list[str], list[str]]:
        output = ["-o", str(self.folder / self.file)]
        one, other = (str(self.home / run / "checkpoint.pt") for run in ("trained", "refined"))
        return ["export", one, *output], ["export", other, *output]


class Plot(Turns):
    name, file = "plot", "curves.png"

    def choices(self) -> tuple[list[str], list[str]]:
        words = ["plot", str(self.home / "trained"), "-o", str(self.folder / self.file), "--by"]
        return [*words, "epochs"], [*words, "seconds"]


class Bench(Case):
    """Its times differ from call to call, so whole is what a PNG's own checksums call whole."""

    name = "bench"

    def words(self) -> list[str]:
        words = ["bench", str(self.home / "export/model.ebn"), "--runs", "20", "--warmup", "0"]
        return [*words, "--profile", "--plot", str(self.folder / "steps.png")]

    def keep(self) -> None:
        self.check(finished=True)

    def check(self, *, finished: bool) -> None:  # noqa: ARG002 - a PNG has its own checksums
        with Image.open(self.folder / "steps.png") as image:
            image.load()


CASES: tuple[type[Case], ...] = (Train, Refine, Export)  # each needs those before it
if importlib.util.find_spec("matplotlib") is not None:
    CASES += (Plot, Bench)


def write_inputs(home: Path) -> None:
    """A recipe of some tenths of a second, and its images."""
    text = folder_recipe("width = 0.03", 'last = "int8"', "affine = true")
    (home / "tiny.toml").write_text(text)
    random = np.random.default_rng(0)
    for index in range(16):
        folder = home / "images" / ("val" if index < 4 else "train") / f"class{index % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 256, (12, 14, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{index}.png")


def same_checkpoint(one: Checkpoint, other: Checkpoint) -> bool:
    """Whether all of two checkpoints is equal, to the bit."""
    return all(
        same(getattr(one, name), getattr(other, name)) for name in Checkpoint.__dataclass_fields__
    )


def same(one: Any, other: Any) -> bool:
    """Whether plain data and tensors are equal, to the bit."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def course(log: Path) -> list[dict[str, Any]]:
    """The lines of a log but those of resuming, without what the clock tells."""
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    return [
        {key: value for key, value in entry.items() if key not in _TIMES}
        for entry in entries
        if entry["event"] != "resume"
    ]
