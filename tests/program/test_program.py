"""The program's commands against those of the Python package, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgebin.graph.fingerprint import make
from edgebin.graph.task import Task
from edgebin.runtime.model import load
from edgebin.runtime.zoo import shipped
from graphs.small_networks import (
    binary_network,
    colour_network,
    sum_of_tensors,
    two_outputs,
    written,
)
from processes.command_line import edgebin

from .conftest import Program
from .images import save

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.png"))


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """The images of examples/ as PPM."""
    made = []
    for path in EXAMPLES:
        made.append(tmp_path / f"{path.stem}.ppm")
        with Image.open(path) as image:
            image.convert("RGB").save(made[-1])
    assert made
    return made


@pytest.fixture
def green(tmp_path: Path) -> Path:
    path = tmp_path / "green.ppm"
    return save(path, np.full((30, 40, 3), (0, 255, 0), np.uint8))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_it_ranks_as_the_package_does(
    program: Program, photos: list[Path], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = shipped()[name]
    done = program(model, *photos, "--top", 4, "--json", "--threads", 2, "--isa", "scalar")
    assert (done.returncode, done.stderr) == (0, "")
    assert edgebin("run", model, *photos, "--top", 4, "--json", "--isa", "scalar") == 0
    found, expected = json.loads(done.stdout), json.loads(capsys.readouterr().out)
    for mine, theirs in zip(found["results"], expected["results"], strict=True):
        for one, other in zip(mine["predictions"], theirs["predictions"], strict=True):
            assert one.pop("score") == pytest.approx(other.pop("score"), rel=1e-12)
    assert found == expected


def test_every_instruction_set_gives_the_outputs_of_the_package(
    program: Program, tmp_path: Path
) -> None:
    model = load("cifar10-resnet20")
    raw = tmp_path / "image.raw"
    pixels = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
    raw.write_bytes(pixels.tobytes())
    isas = program("--version").stdout.split(": ")[1].split()
    assert isas[-1] == "scalar"
    for isa in isas:
        done = program(model.path, raw, "--isa", isa, "--output", tmp_path / "logits")
        assert done.returncode == 0, done.stderr
        np.testing.assert_array_equal(np.fromfile(tmp_path / "logits", "<f4"), model.run(pixels)[0])


def test_a_table_for_people(program: Program, tmp_path: Path, green: Path) -> None:
    done = program(written(colour_network(), tmp_path), green, "--top=2")
    assert (done.returncode, done.stderr) == (0, "")
    path, first, second = done.stdout.splitlines()
    assert path == str(green)
    assert first.split() == ["green", "100.0", "%"]
    assert second.split() == ["red", "0.0", "%"]


def test_a_network_that_ends_in_softmax_is_not_softened_twice(
    program: Program, tmp_path: Path, green: Path
) -> None:
    model = written(colour_network(softmax=True), tmp_path)
    answer = json.loads(program(model, green, "--json").stdout)
    scores = [one["score"] for one in answer["results"][0]["predictions"]]
    assert scores == [one.score for one in load(model)(str(green))]


def test_what_a_file_says_cannot_steer_the_terminal(
    program: Program, tmp_path: Path, green: Path
) -> None:
    labels = ("\x1b[2J", "a\u202eb\n", "\u9b5a ok")
    model = written(colour_network(labels=labels), tmp_path)
    done = program(model, green)
    assert "\x1b" not in done.stdout
    assert len(done.stdout.splitlines()) == 4
    assert r"a\u202eb\x0a" in done.stdout
    assert "\u9b5a ok" in done.stdout
    answer = json.loads(program(model, green, "--json").stdout)
    found = [one["label"] for one in answer["results"][0]["predictions"]]
    assert sorted(found) == sorted(labels)


def test_a_bad_image_costs_only_itself(program: Program, tmp_path: Path, green: Path) -> None:
    model = written(colour_network(), tmp_path)
    done = program(model, green, tmp_path / "none", green, "--json")
    assert done.returncode == 2
    assert done.stderr == f'edgebin-run: error: image "{tmp_path}/none": no such file\n'
    results = json.loads(done.stdout)["results"]
    assert [("predictions" in result) for result in results] == [True, False, True]
    output = tmp_path / "scores"
    output.write_bytes(b"before")
    assert program(model, green, tmp_path / "none", "--output", output).returncode == 2
    assert output.read_bytes() == b"before"
    assert not list(tmp_path.glob(".edgebin*"))


def test_all_outputs_are_written(program: Program, tmp_path: Path, green: Path) -> None:
    model = load(written(two_outputs(colour_network()), tmp_path))
    done = program(model.path, green, green, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    outputs = model.run_outputs(np.full((1, 4, 4, 3), (0, 255, 0), np.uint8))
    one = np.concatenate([values.ravel() for values in outputs.values()])
    np.testing.assert_array_equal(np.fromfile(tmp_path / "out", "<f4"), np.tile(one, 2))
    assert edgebin("run", model.path, green, green, "--output", tmp_path / "package") == 0
    assert (tmp_path / "package").read_bytes() == (tmp_path / "out").read_bytes()


def test_bench_has_the_keys_of_the_package(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = written(binary_network(), tmp_path)
    options = ("--runs", 5, "--warmup", 1, "--batch", 2, "--threads", 2, "--json")
    done = program("bench", model, *options)
    assert done.returncode == 0
    assert edgebin("bench", model, *options) == 0
    found, expected = json.loads(done.stdout), json.loads(capsys.readouterr().out)
    assert shape_of(found) == shape_of(expected)
    same = ("schema", "version", "model", "threads", "batch", "warmup", "edgebin", "pin")
    for key in (*same, "file_bytes"):
        assert found[key] == expected[key]
    result, twin = found["results"][0], expected["results"][0]
    for key in ("sha256", "name", "mode", "calls"):
        assert result[key] == twin[key]
    assert "few_calls" in {reason["code"] for reason in result["verdict"]["reasons"]}
    times = found["run_ms"]
    assert len(times) == 5
    assert min(times) > 0
    expected = np.percentile(times, (50, 90, 99))
    figures = [found["latency_ms"][name] for name in ("median", "p90", "p99")]
    np.testing.assert_allclose(figures, expected, rtol=1e-12)
    assert found["peak_memory_bytes"] >= found["import_memory_bytes"] > 0


def shape_of(value: object, name: str = "") -> object:
    """Return the keys of a document in order, without what a machine may not tell."""
    if isinstance(value, dict):
        return {key: shape_of(inner, key) for key, inner in value.items()}
    if isinstance(value, list) and name in ("results", "rounds", "steps", "stages"):
        return [shape_of(inner) for inner in value]
    return None


def test_bench_measures_for_a_time_and_has_the_profile_of_the_package(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = written(binary_network(), tmp_path)
    # Emulated, the program has other instruction sets than the package, but for one.
    options = ("--isa", "scalar", "--seconds", 0.1, "--profile", "--json")
    done = program("bench", model, *options)
    assert done.returncode == 0
    assert edgebin("bench", model, *options) == 0
    found, expected = json.loads(done.stdout), json.loads(capsys.readouterr().out)
    assert shape_of(found) == shape_of(expected)
    (result,), (twin,) = found["results"], expected["results"]
    for step, other in zip(result["steps"], twin["steps"], strict=True):
        assert {**step, "ms": 0, "gmacs_per_second": 0} == {
            **other,
            "ms": 0,
            "gmacs_per_second": 0,
        }
    total = sum(step["ms"] for step in result["steps"])
    assert result["profile"]["sum_ms"] == pytest.approx(total)
    assert result["calls"] >= 20
    assert result["rounds"][0]["activity"]["wall_seconds"] >= 0.1


def test_bench_says_its_verdict_and_the_reasons(program: Program, tmp_path: Path) -> None:
    model = written(binary_network(), tmp_path)
    out = program("bench", model, "--runs", 1, "--profile").stdout
    assert "INVALID  " in out
    assert "1 timed call; at least 20 make a 90th percentile" in out
    assert "the steps of an image sum to" in out


def test_info_has_the_words_of_the_package(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = written(two_outputs(colour_network(resize=9)), tmp_path)
    found = json.loads(program("inspect", model, "--json").stdout)
    assert edgebin("inspect", model, "--json") == 0
    expected = json.loads(capsys.readouterr().out)
    for key in ("name", "producer", "inputs", "outputs", "task", "labels", "self_test"):
        assert found[key] == expected[key]
    for key, value in found["preprocessing"].items():
        assert expected["preprocessing"][key] == value
    assert found["isa"] in found["isas"]
    assert "short side 9" in program("inspect", model).stdout


def test_tensors_are_run_as_the_package_runs_them(program: Program, tmp_path: Path) -> None:
    network = sum_of_tensors()
    model = written(replace(network, self_test=make(network.graph)), tmp_path)
    np.save(tmp_path / "a.npy", np.arange(12, dtype=np.float32).reshape(2, 2, 3, 1) / 4)
    np.arange(-6, 6, dtype=np.int8).tofile(tmp_path / "b")
    given = ("--input", f"a={tmp_path / 'a.npy'}", "--input", f"b={tmp_path / 'b'}")
    done = program("run", model, *given, "--output", tmp_path / "mine.npy")
    assert (done.returncode, done.stderr) == (0, "")
    assert edgebin("run", model, *given, "--output", tmp_path / "theirs.npy") == 0
    assert (tmp_path / "mine.npy").read_bytes() == (tmp_path / "theirs.npy").read_bytes()
    assert "b int8 2x3x1" in program("inspect", model).stdout
    assert program("verify", model, "--isa", "scalar", "--threads", 1).returncode == 0
    assert program("bench", model, "--runs", 3, "--profile").returncode == 0
    for wrong, line in (
        (given[:2], '--input: expected "b", found no file'),
        ((*given, *given[:2]), 'expected "a" once, found it twice'),
        ((*given, "--input", "c=x"), 'such as "a", found "c"'),
        (("--input", f"a={tmp_path / 'b'}", *given[2:]), "expected a multiple of 24 bytes"),
        ((*given[:2], "--input", f"b={tmp_path / 'a.npy'}"), "expected a .npy file of version 1"),
    ):
        done = program("run", model, *wrong, "--output", tmp_path / "none")
        assert done.returncode == 2
        assert line in done.stderr
        assert done.stderr.count("\n") == 1
        assert not (tmp_path / "none").exists()


def test_an_image_of_no_class_is_said_to_be(program: Program, tmp_path: Path, green: Path) -> None:
    strict = replace(colour_network(), task=Task("classify", 100, 0.9))
    done = program("run", written(strict, tmp_path), green)
    assert done.stdout == f"{green}\n  none of the classes\n"


def test_it_verifies_as_the_package_does(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = binary_network()
    (case,) = make(network.graph, (3,))
    wrong = replace(case, hashes=(*case.hashes[:-1], case.hashes[-1] ^ 1))
    ways = ("--isa", "scalar", "--json")
    for test, code in ((case, 0), (wrong, 1)):
        model = written(replace(network, self_test=(test,)), tmp_path)
        done = program("verify", model, *ways)
        assert edgebin("verify", model, *ways) == done.returncode == code
        expected = capsys.readouterr()
        assert json.loads(done.stdout)["checks"][0] == json.loads(expected.out)["checks"][0]
        assert done.stderr == expected.err.replace("edgebin: ", "edgebin-run: ")
    assert 'layer "last" (linear, kernel bit_serial)' in done.stderr
    done = program("verify", model, "--isa", "scalar", "--threads", 3)
    assert done.stdout == "scalar    bit_serial    3 threads    DIFFERENT at last\n"


def test_shipped_models_are_exact_on_every_instruction_set(program: Program) -> None:
    done = program("verify", load("cifar10-resnet20").path)
    assert (done.returncode, done.stderr) == (0, "")
    *ways, verdict = done.stdout.splitlines()
    isas = program("--version").stdout.split(": ")[1].split()
    assert {line.split()[0] for line in ways} == set(isas)
    found = f"bit-exact: cifar10-resnet20, 2 images in {len(ways)} ways"
    assert verdict == f"{found}, as the numpy reference computed it"


def test_nothing_to_verify_is_one_line(program: Program, tmp_path: Path) -> None:
    model = written(binary_network(), tmp_path)
    done = program("verify", model)
    assert (done.returncode, done.stdout) == (2, "")
    line = f"edgebin-run: error: {model}: expected a fingerprint, the file has none\n"
    assert done.stderr == line
    assert "test     none" in program("inspect", model).stdout


def test_help_and_version(program: Program) -> None:
    assert program("--help").stdout == program().stdout
    assert "PNG and JPEG are not supported" in program("--help").stdout
    assert program("--version").stdout.startswith("edgebin-run ")


HEADERS = [
    b"P6 4294967295 4294967295 255\n",
    b"P6 9999999999 9999999999 255\n",
    b"P6 2147483648 2 255\n",
    b"P6 65536 65537 255\n",
    b"P6 99999999999 1 255\n",
    b"P6 0 5 255\n",
    b"P6 -4 -4 255\n",
    b"P6 4 4 0\n",
    b"P6 4 4 65536\n",
    b"P6 4 4 99999999999\n",
    b"P6 4 4",
    b"P6 4 4 255\n" + bytes(47),
    b"P5 9000 9000 65535\n" + bytes(100),
    b"P6 4 0x4 255\n",
    b"P5 65536 1 255\n" + bytes(65536),
    b"P5 1 89000000 255\n",
    b"P6 #" + b"x" * 100000,
    b"P6 \x1b[2J 4 255\n",
    b"P6 ",
    b"P3 1 1 255 1 2 3",
    b"P4 1 1 ",
    b"P7\nWIDTH 1\n",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"",
]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: repr(header[:30]))
def test_hostile_images_are_one_line(program: Program, tmp_path: Path, header: bytes) -> None:
    image = tmp_path / "bad.ppm"
    image.write_bytes(header)
    done = program(written(colour_network(), tmp_path), image)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f'edgebin-run: error: image "{image}": ')
    assert done.stderr.count("\n") == 1
    assert done.stderr.isprintable() or done.stderr[:-1].isprintable()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("MODEL",), "expected images"),
        (("--json",), "expected a model"),
        (("none.ebn", "x"), "none.ebn: cannot be opened"),
        (("GREEN", "x"), "an .ebn file"),
        (("MODEL", "GREEN", "--top", "0"), "--top: expected at least 1"),
        (("MODEL", "GREEN", "--top", "3x"), "--top: expected at least 1"),
        (("MODEL", "GREEN", "--top"), "--top: expected a value"),
        (("MODEL", "GREEN", "--threads=257"), "threads: expected 1 to 256"),
        (("MODEL", "GREEN", "--isa", "abacus"), "isa: expected one of"),
        (("MODEL", "GREEN", "--frobnicate"), "unknown option"),
        (("MODEL", "GREEN", "--json=1"), "unknown option"),
        (("MODEL", "GREEN", "--runs", "3"), "--runs: is an option of bench, not of run"),
        (("run", "MODEL"), "expected images"),
        (("bench", "MODEL", "GREEN"), "bench: expected a model only"),
        (("bench", "MODEL", "--raw"), "--raw: is an option of run, not of bench"),
        (("--bench", "inspect", "MODEL"), "bench: expected a model only"),
        (("--bench", "--info", "MODEL"), "expected one of them, found both"),
        (("MODEL", "GREEN", "--json", "--output", "x"), "expected one of them"),
        (("MODEL", "GREEN", "--output", "/dev/null"), "a folder or a device"),
        (("MODEL", "GREEN", "--output", "/no/such/x"), "No such file"),
    ],
)
def test_bad_usage_is_one_line(
    program: Program, tmp_path: Path, green: Path, arguments: tuple[str, ...], part: str
) -> None:
    places = {"MODEL": written(colour_network(), tmp_path), "GREEN": green}
    done = program(*(places.get(word, word) for word in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("edgebin-run: error: ")
    assert done.stderr.count("\n") == 1
    assert part in done.stderr


def test_a_name_of_the_package_is_answered_with_where_its_models_are(
    program: Program, green: Path
) -> None:
    done = program("cifar10-resnet20", green)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "edgebin-run: error: model: expected the path of an .ebn file, found "
        '"cifar10-resnet20"; `edgebin models` of the Python package shows where its models are\n'
    )


def test_a_model_behind_its_images_is_recognised(
    program: Program, tmp_path: Path, green: Path
) -> None:
    model = written(colour_network(), tmp_path)
    done = program(green, model)
    assert (done.returncode, done.stdout) == (2, "")
    assert f'run: expected the model first, found "{green}" before "{model}"' in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_error_is_never_longer_than_500_characters(program: Program) -> None:
    done = program("/" + "x" * 3000 + ".ebn", "image.ppm")
    assert done.returncode == 2
    line = done.stderr.removeprefix("edgebin-run: error: ").rstrip("\n")
    assert len(line) <= 500
    assert line.startswith("/xxx")
    assert line.endswith("File name too long [file.read]")


def test_a_file_of_gigabytes_is_told_by_what_is_wrong_with_it(
    program: Program, tmp_path: Path
) -> None:
    large = tmp_path / "large.ebn"
    with large.open("wb") as file:
        file.truncate(3 << 30)
    done = program("inspect", large)
    assert (done.returncode, done.stdout) == (2, "")
    expected = ("does not start with the magic", "has 3221225472 bytes, this machine maps at most")
    assert any(part in done.stderr for part in expected)


def test_an_output_that_is_no_list_of_classes(
    program: Program, tmp_path: Path, green: Path
) -> None:
    from .images import mirror

    done = program(mirror(tmp_path, (2, 2), "rgb", "nearest", 0), green)
    assert done.returncode == 2
    assert "expected classes, found 2x2x3" in done.stderr


def test_a_full_disk_is_one_line(tmp_path: Path, green: Path) -> None:
    import subprocess

    from .conftest import COMMAND

    model = written(colour_network(), tmp_path)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, str(model), str(green)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "edgebin-run: error: standard output: No space left on device\n"


def test_the_old_environment_variable_is_one_warning(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load("cifar10-resnet20").path
    monkeypatch.setenv("EDGEBIN_PRODUCT", "bit_serial")
    done = program("verify", model, "--isa", "scalar", "--threads", 1)
    warning = "edgebin-run: warning: EDGEBIN_PRODUCT is deprecated, use EDGEBIN_CONV_ALGO\n"
    assert (done.returncode, done.stderr[: len(warning)]) == (0, warning)
    assert "warning" not in done.stderr[len(warning) :]
    monkeypatch.setenv("EDGEBIN_CONV_ALGO", "bit_serial")
    assert program("verify", model, "--isa", "scalar", "--threads", 1).stderr == ""


@pytest.mark.parametrize(("old", "new"), [("--bench", "bench"), ("--verify", "verify")])
def test_commands_of_the_first_release_are_one_warning(
    program: Program, old: str, new: str
) -> None:
    model = load("cifar10-resnet20").path
    options = ("--isa", "scalar", "--threads", 1, "--json")
    expected = json.loads(program(new, model, *options, *_few(new)).stdout)
    done = program(old, model, *options, *_few(new))
    warning = f"edgebin-run: warning: {old} is deprecated, use: edgebin-run {new} MODEL.ebn\n"
    assert (done.returncode, done.stderr[: len(warning)]) == (0, warning)
    assert "warning" not in done.stderr[len(warning) :]
    assert json.loads(done.stdout).keys() == expected.keys()


def _few(command: str) -> tuple[object, ...]:
    return ("--runs", 1, "--warmup", 0) if command == "bench" else ()


def test_bench_says_at_once_what_it_measures(program: Program, tmp_path: Path) -> None:
    model = written(colour_network(), tmp_path)
    done = program("bench", model, "--runs", 3, "--json")
    assert done.stderr == f"measuring: {model}, 1 thread, 3 runs after warming up\n"
    json.loads(done.stdout)
    done = program("bench", model, "--seconds", 0.01, "--threads", 2)
    assert done.stderr == f"measuring: {model}, 2 threads, 0.01 s after warming up\n"
    done = program("bench", tmp_path / "none.ebn")
    assert len(done.stderr.splitlines()) == 1


def test_the_old_form_of_inspect_is_one_warning(program: Program, tmp_path: Path) -> None:
    model = written(colour_network(), tmp_path)
    done = program("--info", model)
    warning = "edgebin-run: warning: --info is deprecated, use: edgebin-run inspect MODEL.ebn\n"
    assert (done.stdout, done.stderr) == (program("inspect", model).stdout, warning)


def test_a_model_without_a_command_is_run_silently(
    program: Program, tmp_path: Path, green: Path
) -> None:
    model = written(colour_network(), tmp_path)
    done = program(model, green, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == program("run", model, green, "--json").stdout


def test_renamed_keys_keep_their_old_names(program: Program, tmp_path: Path, green: Path) -> None:
    model = written(colour_network(), tmp_path)
    (result,) = json.loads(program(model, green, "--json").stdout)["results"]
    assert result["image"] == result["picture"] == str(green)
    shipped_model = load("cifar10-resnet20").path
    found = json.loads(program("verify", shipped_model, "--isa", "scalar", "--json").stdout)
    assert found["images"] == found["pictures"] == 2
    for check in found["checks"]:
        assert check["conv_algorithm"] == check["product"] == "bit_serial"
