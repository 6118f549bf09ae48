"""Reads the outcome of a step from the log of its run: accuracy and cost.

A run with other options than the step's, with another recipe, from other weights or with another
teacher is an error, as far as the log records them. Image passes are counted as `run.py` defines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgebin.errors import EdgebinError, first_line
from edgebin.train.checkpoint.network import load_network
from edgebin.train.initial_weights import origin
from edgebin.train.log.entries import read_entries
from edgebin.train.objective.distillation import weights_sha256
from edgebin.train.recipe.file import load_recipe, with_overrides
from edgebin.train.recipe.recipe import recipe_difference
from experiment_file import SOURCES, Step, recipe_of

_TRAINING_PASSES = 3  # per image: one forward, and a backward of twice the cost


def outcome(step: Step, folders: Mapping[str, Path], experiment: Path) -> dict[str, Any] | None:
    """Return the row of a step in the result, or None if its run has not ended.

    Args:
        step: of the experiment.
        folders: run folder of each step, by name.
        experiment: path of the file that has the step.

    Raises:
        EdgebinError: the step was run with other options, from another checkpoint, with another
            recipe or teacher, or without a test set; or one of these files cannot be read.
    """
    folder = folders[step.name]
    if not (folder / "log.jsonl").exists():
        return None
    entries = read_entries(folder / "log.jsonl")
    ends = [number for number, entry in enumerate(entries) if entry["event"] == "end"]
    if not ends:
        return None
    entries = entries[: ends[-1] + 1]
    try:
        return _row(step, folders, experiment, entries)
    except (
        AttributeError,
        IndexError,
        KeyError,
        TypeError,
    ) as error:  # not edgebin's log
        raise EdgebinError(
            f"{folder}: expected the log of a run, found other entries: {first_line(error)}"
        ) from None


def _row(
    step: Step, folders: Mapping[str, Path], experiment: Path, entries: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    folder = folders[step.name]
    header, end = entries[0], entries[-1]
    if header["event"] != "header":
        raise EdgebinError(f"{folder}: expected a log that begins with a header, found none")
    ran = _options_of(header)
    for key, value in step.options.items():
        if key not in SOURCES and ran.get(key) != value:
            found = ran.get(key, "none")
            raise EdgebinError(f"{folder}: expected a run with {key} {value}, found {found}")
    if step.recipe:
        _check_recipe(step, folder, experiment, header)
    for key in ("init", "teacher") if step.recipe else ("refines", "teacher"):
        _check_source(step, key, folders, header)
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


def _check_recipe(step: Step, folder: Path, experiment: Path, header: Mapping[str, Any]) -> None:
    changes = {key: step.options.get(key) for key in ("epochs", "seed", "holdout")}
    recipe = with_overrides(load_recipe(recipe_of(step, experiment)), **changes)
    difference = recipe_difference(header["recipe"], recipe)
    if difference is not None:
        raise EdgebinError(f"{folder}: expected a run of {step.recipe}, found {difference}")


def _check_source(
    step: Step, key: str, folders: Mapping[str, Path], header: Mapping[str, Any]
) -> None:
    """Compare the hash that the log records with that of the checkpoint of the named step."""
    source, found = step.options.get(key), header.get(key)
    if isinstance(found, str):  # a log from before hashes were recorded
        found = {"path": found}
    if source is None or found is None:
        if source is not found:
            started = "none" if found is None else found.get("path", "one")
            wanted = f"no {key}" if source is None else f"{key} {source!r}"
            raise EdgebinError(
                f"{folders[step.name]}: expected a run with {wanted}, found {started}"
            )
        return
    if "sha256" not in found:
        return
    checkpoint = folders[source] / "checkpoint.pt"
    if not checkpoint.exists():  # logs may have been copied without checkpoints
        return
    if _sha256(checkpoint, of_file="path" in found) != found["sha256"]:
        of = f", of {found['path']}" if "path" in found else ""
        raise EdgebinError(
            f"{folders[step.name]}: expected a run with {key} {checkpoint} as it is, found one "
            f"with other weights{of}"
        )


def _sha256(checkpoint: Path, *, of_file: bool) -> object:
    """Hash the file, or the weights in it: the teacher of a training need not be a file."""
    if not of_file:
        return weights_sha256(load_network(checkpoint)[0])
    return origin(checkpoint)["sha256"]


def _training(step: Step, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    epochs = [entry for entry in entries if entry["event"] == "epoch"]
    taught = "teacher" in step.options
    held_out = ("holdout_loss", "holdout_accuracy")
    return {
        "recipe": step.recipe,
        "epochs": len(epochs),
        "seconds": round(sum(entry["seconds"] for entry in epochs), 1),
        "passes": len(epochs) * _epoch_passes(entries[0]["pictures"], taught),
        "loss": epochs[-1]["loss"],  # of the training set, over the last epoch
        **{key: epochs[-1][key] for key in held_out if key in epochs[-1]},
        "test_accuracy": entries[-1]["test_accuracy"],
    }


def _update(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    layers = [entry for entry in entries if entry["event"] == "layer"]
    heads = [entry for entry in entries if entry["event"] == "head"]
    end = entries[-1]
    return {
        # Of the layers, and of fitting the last layer.
        "seconds": round(sum(entry.get("seconds", 0.0) for entry in entries), 1),
        "passes": update_passes(_options_of(entries[0]), len(layers), heads),
        "layers_kept": sum(entry["kept"] for entry in layers),
        "layers": len(layers),
        "flips": sum(entry["flips"] for entry in layers if entry["kept"]),
        "judged_loss": [end["before"]["loss"], end["after"]["loss"]],
        "judged_accuracy": [end["before"]["accuracy"], end["after"]["accuracy"]],
        "test_accuracy": end["test"]["accuracy"],
    }


def _epoch_passes(images: Mapping[str, int], taught: bool) -> int:
    return images["train"] * (_TRAINING_PASSES + taught) + images.get("holdout", 0)


def update_passes(
    options: Mapping[str, Any], layers: int, heads: Sequence[Mapping[str, Any]]
) -> int:
    """Count the image passes of an update of `layers` layers; heads are entries of its log."""
    images, holdout = int(options["images"]), int(options["holdout"])
    # Outputs of the network and of the teacher, then statistics and an evaluation.
    layer = 2 * images + images + holdout
    # Its inputs and the teacher's outputs; one evaluation before, and one per fit.
    head = sum(2 * images + (1 + int(entry.get("fits", 3))) * holdout for entry in heads)
    return layers * layer + head + 2 * holdout  # evaluations before and after


def _options_of(header: Mapping[str, Any]) -> Mapping[str, Any]:
    if "recipe" not in header:
        options = dict(header["options"])
        options["images"] = options.pop("pictures", options.get("images"))  # by its logged name
        return options
    recipe = header["recipe"]
    return {
        "epochs": recipe["schedule"]["epochs"],
        "holdout": recipe["data"]["holdout"],
        "seed": recipe["run"]["seed"],
    }


def with_totals(rows: list[dict[str, Any]], steps: list[Step]) -> list[dict[str, Any]]:
    """Add to each row the cost of its step with all steps that it needs, each counted once."""
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
