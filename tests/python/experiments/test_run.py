"""`run.py` skips finished steps, resumes a stopped one, and counts the cost of each step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cost_chart import lines_of
from edgebin.train.recipe.file import load_recipe
from edgebin.train.recipe.recipe import recipe_data
from experiment_file import Step, read_experiment, recipe_of
from outcome import update_passes, with_totals
from processes.benchmark_script import benchmark
from run import command_of
from training.tiny_training import folder_recipe

EXPERIMENT = """
[[step]]
name = "Real"
recipe = "real.toml"
[[step]]
name = "real, updated"
refines = "Real"
images = 6
holdout = 4
[[step]]
name = "trained on"
recipe = "binary.toml"
epochs = 2
holdout = 2
seed = 5
init = "real, updated"
teacher = "Real"
"""

CONFIGS = Path(__file__).parents[3] / "experiments" / "configs"

REPEATED = """
[[step]]
name = "repeated"
recipe = "real.toml"
"""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for part, count in (("train", 6), ("val", 2)):
        for name in ("a", "b"):
            home = tmp_path / "images" / part / name
            home.mkdir(parents=True)
            for index in range(count):
                image = random.integers(0, 256, (12, 12, 3), dtype=np.uint8)
                Image.fromarray(image).save(home / f"{index}.png")
    for name, line in (("real", 'weights = "float32"'), ("binary", "")):
        (tmp_path / f"{name}.toml").write_text(
            folder_recipe("width = 0.02", 'last = "int8"', "affine = true", line)
        )
    with (tmp_path / "binary.toml").open("a") as file:
        file.write("[distillation]\nweight = 0.5\ntemperature = 4\n")
    path = tmp_path / "small.toml"
    path.write_text(EXPERIMENT)
    return path


pytest.importorskip("matplotlib", reason="draws a chart: pip install '.[plot]'")


def run_experiment(experiment: Path, *more: object) -> tuple[int, Path]:
    home = experiment.parent
    output = home / "result.json"
    folders = ("--data", home / "images", "--runs", home / "runs")
    files = ("--output", output, "--plot", home / "chart.png")
    return benchmark("run", experiment, *folders, *files, "--threads", 1, *more), output


@pytest.mark.slow
def test_finished_steps_are_skipped_and_a_stopped_one_is_resumed(
    experiment: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, output = run_experiment(experiment)
    assert code == 0
    result = json.loads(output.read_text())
    rows = result["steps"]
    assert [row["step"] for row in rows] == ["Real", "real, updated", "trained on"]
    assert [row.get("epochs") for row in rows] == [1, None, 2]
    assert rows[1]["layers"] == rows[1]["layers_kept"] == 5
    update = 5 * (3 * 6 + 4) + (2 * 6 + 4 * 4) + 2 * 4
    assert [row["passes"] for row in rows] == [1 * 12 * 3, update, 2 * (10 * 4 + 2)]
    assert all(0 <= row["test_accuracy"] <= 1 for row in rows)
    assert rows[0]["loss"] > 0
    assert "holdout_accuracy" not in rows[0]
    assert rows[2]["holdout_loss"] > 0
    assert 0 <= rows[2]["holdout_accuracy"] <= 1
    assert rows[2]["total_seconds"] == pytest.approx(sum(row["seconds"] for row in rows), abs=0.11)
    text = (experiment.parent / "runs" / "real-updated" / "log.jsonl").read_text()
    entries = [json.loads(line) for line in text.splitlines()]
    spent = [entry["seconds"] for entry in entries if entry["event"] in ("layer", "head")]
    assert len(spent) == 6
    assert rows[1]["seconds"] == pytest.approx(sum(spent), abs=0.051)
    assert "== trained on" in capfd.readouterr().out
    assert (experiment.parent / "chart.png").read_bytes().startswith(b"\x89PNG")
    # What is done is not done again; what was stopped goes on.
    log = experiment.parent / "runs" / "trained-on" / "log.jsonl"
    log.write_text("\n".join(log.read_text().splitlines()[:2]) + "\n")
    assert run_experiment(experiment)[0] == 0
    out = capfd.readouterr().out
    assert "== trained on" in out
    assert "== Real" not in out
    assert json.loads(output.read_text())["steps"][0] == rows[0]
    # A result does not claim options that its run did not have.
    for old, new, found in (
        ("seed = 5", "seed = 6", 5),
        ("images = 6", "images = 5", 6),
        ("images = 6", 'images = 6\nlast = "binary"', "none"),
    ):
        text = experiment.read_text()
        experiment.write_text(text.replace(old, new))
        assert run_experiment(experiment)[0] == 2
        wanted = new.splitlines()[-1].replace(" =", "").replace('"', "")
        assert f"expected a run with {wanted}, found {found}" in capfd.readouterr().err
        experiment.write_text(text)
    # Nor weights to start from that have changed since, or that it did not have.
    checkpoint = experiment.parent / "runs" / "real-updated" / "checkpoint.pt"
    kept = checkpoint.read_bytes()
    checkpoint.write_bytes(kept + b"another")
    assert run_experiment(experiment)[0] == 2
    expected = f"expected a run with init {checkpoint} as it is, found one with other weights"
    assert expected in capfd.readouterr().err
    checkpoint.write_bytes(kept)
    taught = experiment.parent / "runs" / "real" / "checkpoint.pt"
    was = taught.read_bytes()
    taught.write_bytes(was + b"another")
    assert run_experiment(experiment)[0] == 2
    assert f"expected a run with refines {taught} as it is" in capfd.readouterr().err
    taught.write_bytes(was)
    updated = experiment.parent / "runs" / "real-updated" / "log.jsonl"
    lines = updated.read_text().splitlines(keepends=True)
    header = json.loads(lines[0])
    older = {**header, "refines": header["refines"]["path"]}  # as they once were
    updated.write_text(json.dumps(older) + "\n" + "".join(lines[1:]))
    assert run_experiment(experiment)[0] == 0
    checkpoint.unlink()  # logs alone tell as much as they do
    assert run_experiment(experiment)[0] == 0
    checkpoint.write_bytes(kept)
    experiment.write_text(text.replace('init = "real, updated"\n', ""))
    assert run_experiment(experiment)[0] == 2
    assert f"expected a run with no init, found {checkpoint}" in capfd.readouterr().err
    experiment.write_text(
        text.replace('recipe = "real.toml"', 'recipe = "real.toml"\ninit = "first"', 1)
    )
    experiment.write_text(
        '[[step]]\nname = "first"\nrecipe = "real.toml"\n' + experiment.read_text()
    )
    assert run_experiment(experiment)[0] == 2
    assert "expected a run with init 'first', found none" in capfd.readouterr().err
    experiment.write_text(text)
    # Nor another teacher, or one that it did not have.
    experiment.write_text(text.replace('teacher = "Real"\n', ""))
    assert run_experiment(experiment)[0] == 2
    assert "expected a run with no teacher, found one" in capfd.readouterr().err
    experiment.write_text(text)
    lines = log.read_text().splitlines(keepends=True)
    for other, expected in (
        ({"sha256": "0" * 64}, f"teacher {taught} as it is, found one with other weights\n"),
        (None, "teacher 'Real', found none\n"),
    ):
        header = {**json.loads(lines[0]), "teacher": other}
        log.write_text(json.dumps(header) + "\n" + "".join(lines[1:]))
        assert run_experiment(experiment)[0] == 2
        assert f"expected a run with {expected}" in capfd.readouterr().err
    log.write_text("".join(lines))
    # Nor what no run has written.
    for damage, expected in (
        (lines[1:], "expected a log that begins with a header, found none"),
        (['{"event": "header"}\n', *lines[1:]], "expected the log of a run, found other entries"),
        (["[]\n", *lines[1:]], "line 1: expected a JSON object with an event, found '[]'"),
    ):
        log.write_text("".join(damage))
        assert run_experiment(experiment)[0] == 2
        assert expected in capfd.readouterr().err
    log.write_text("".join(lines))
    # Nor a recipe that has changed since.
    recipe = experiment.parent / "real.toml"
    recipe.write_text(recipe.read_text().replace("affine = true", 'thresholds = "nearest"'))
    assert run_experiment(experiment)[0] == 2
    expected = "expected a run of real.toml, found [network] affine = True instead of None"
    assert expected in capfd.readouterr().err


@pytest.mark.slow
def test_a_step_that_fails_ends_the_experiment(
    experiment: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    experiment.write_text(experiment.read_text().replace("images = 6", "images = 600"))
    code, output = run_experiment(experiment)
    assert code == 2
    assert (
        "expected at least 604, of them 600 (images) to measure on and 4 (holdout) to judge by"
        in capfd.readouterr().err
    )
    assert [row["step"] for row in json.loads(output.read_text())["steps"]] == ["Real"]


@pytest.mark.slow
def test_parallel_steps_give_the_same_result(
    experiment: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    experiment.write_text(experiment.read_text() + REPEATED)
    assert run_experiment(experiment, "--jobs", 3)[0] == 0
    out = capfd.readouterr().out
    rows = json.loads((experiment.parent / "result.json").read_text())["steps"]
    assert [row["step"] for row in rows] == ["Real", "real, updated", "trained on", "repeated"]
    assert rows[3]["test_accuracy"] == rows[0]["test_accuracy"]
    assert rows[3]["total_passes"] == rows[0]["total_passes"]
    assert "epoch 1/1" not in out
    assert "epoch 1/1" in (experiment.parent / "runs" / "repeated.txt").read_text()
    text = experiment.read_text().replace("real.toml", "no.toml", 1).replace("Real", "Unreal")
    experiment.write_text(text)
    code, _ = run_experiment(experiment, "--jobs", 2)
    assert code == 2
    printed = experiment.parent / "runs" / "unreal.txt"
    assert f"run: error: Unreal: ended with code 2, see {printed}" in capfd.readouterr().err
    assert "expected a file or one of" in printed.read_text()


def test_commands_name_what_a_step_needs(tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("a", "b")}
    step = Step("b", "of/recipe.toml", {"init": "a", "teacher": "a", "epochs": 3})
    recipe = str(tmp_path / "of" / "recipe.toml")
    words = command_of(step, tmp_path / "l.toml", folders, {"data": "d", "threads": None})[3:]
    taken = str(tmp_path / "a" / "checkpoint.pt")
    assert words == [
        *("train", recipe, "--init", taken, "--teacher", taken, "--data", "d"),
        *("--epochs", "3", "--out", str(tmp_path / "b")),
    ]
    folders["b"].mkdir()
    (folders["b"] / "checkpoint.pt").touch()
    again = command_of(step, tmp_path / "l.toml", folders, {})
    assert again[3:] == [
        *("train", recipe, "--resume", "--teacher", taken, "--epochs", "3"),
        *("--out", str(tmp_path / "b")),
    ]
    folders["a"].mkdir()
    Path(taken).touch()
    held = command_of(step, tmp_path / "l.toml", folders, {})
    assert held[3:8] == ["train", recipe, "--resume", "--init", taken]


def test_a_source_that_two_need_is_counted_once() -> None:
    steps = [
        Step("a", "r", {}),
        Step("b", "", {"refines": "a"}),
        Step("c", "r", {"init": "b", "teacher": "a"}),
    ]
    rows = with_totals(
        [{"step": n, "seconds": s, "passes": 9 * s} for n, s in zip("abc", (1, 2, 4), strict=True)],
        steps,
    )
    assert [row["total_seconds"] for row in rows] == [1, 3, 7]
    assert [row["total_passes"] for row in rows] == [9, 27, 63]


def test_steps_of_one_kind_are_one_line() -> None:
    def row(name: str, passes: int, recipe: str | None = "r", **options: object) -> dict[str, Any]:
        kind = {} if recipe is None else {"recipe": recipe, "epochs": options.get("epochs", 9)}
        return {"step": name, "options": options, "total_passes": passes, **kind}

    rows = [
        row("real", 3),
        row("real, again", 3, seed=1),
        row("long", 5, epochs=5),
        row("short", 1, epochs=1, holdout=10),
        row("taught", 7, "s", init="real", teacher="real"),
        row("taught, again", 6, "s", init="real, again", teacher="real, again", seed=1),
        row("taught by another", 9, "s", init="real", teacher="long"),
        row("updated", 8, None, refines="real"),
        row("updated, binary", 8, None, refines="real", last="binary"),
    ]
    assert [[one["step"] for one in line] for line in lines_of(rows)] == [
        ["short", "real", "real, again", "long"],
        ["taught, again", "taught"],
        ["taught by another"],
        ["updated"],
        ["updated, binary"],
    ]


def test_the_passes_of_an_update_count_its_fits() -> None:
    options = {"images": 10, "holdout": 7}
    assert update_passes(options, 2, []) == 2 * (3 * 10 + 7) + 2 * 7
    head = {"fits": 6}
    assert update_passes(options, 1, [head]) == (3 * 10 + 7) + (2 * 10 + 7 * 7) + 2 * 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = [", "expected a TOML file"),
        ("", "expected tables [[step]], found none"),
        ('[[step]]\nname = "a"', "step 1: expected a name, and recipe or refines"),
        ('[[step]]\nname = "a"\nrecipe = "r"\nrefines = "b"', "expected no key 'refines'"),
        ('[[step]]\nname = "a"\nrefines = "b"', "expected an earlier step, found 'b'"),
        ("step = 3", "expected tables [[step]], found another 'step'"),
        ("[[step]]\nname = 3", "step 1: expected name and recipe to be texts"),
        (
            '[[step]]\nname = "a b"\nrecipe = "r"\n[[step]]\nname = "A, b"\nrecipe = "r"',
            "step 2: expected a folder of its own, found 'a-b' again",
        ),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "l.toml"
    path.write_text(text)
    with pytest.raises(Exception, match="^" + str(path)) as caught:
        read_experiment(path)
    assert message in str(caught.value)


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")))
def test_committed_experiments_can_be_read(path: Path) -> None:
    steps = read_experiment(path)
    assert steps
    for step in steps:
        if step.recipe:
            assert load_recipe(recipe_of(step, path)).schedule.epochs


@pytest.mark.parametrize(
    ("recipe", "like"),
    [
        ("cifar10-minutes/vgg-small-real.toml", "cifar10-vgg-small-real"),
        ("cifar10-minutes/vgg-small.toml", "cifar10-vgg-small-distilled"),
        ("cifar10-minutes/resnet20-real.toml", "cifar10-resnet20-real"),
        ("cifar10-minutes/resnet20.toml", "cifar10-resnet20-distilled"),
        ("cifar10-thresholds/vgg-small-nearest.toml", "vgg-small-quarter/plain.toml"),
        (
            "cifar10-thresholds/resnet20-nearest.toml",
            "cifar10-thresholds/resnet20-half-wave.toml",
        ),
    ],
)
def test_recipes_differ_in_the_thresholds_alone(recipe: str, like: str) -> None:
    experiment = CONFIGS / "any.toml"
    ours, theirs = (
        recipe_data(load_recipe(recipe_of(Step("a", name, {}), experiment)))
        for name in (recipe, like)
    )
    assert ours["network"].pop("thresholds") == "nearest"
    assert ours == theirs
