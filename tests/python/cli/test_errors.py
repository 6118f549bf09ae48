"""Every way of using the command badly ends in one line and exit code 2."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from edgebin.cli.app import main
from edgebin.errors import EdgebinError, ExportError, Refusal
from processes.command_line import edgebin


@pytest.fixture
def command(python: str) -> list[str]:
    """The command in a process of its own."""
    return [python, "-m", "edgebin"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nothing", "{green}"], 'model "nothing": no such file, nor a shipped model'),
        (["run", "{green}", "{green}"], "green.png"),
        (["run", "{colours}", "missing.png"], 'image "missing.png": no such file'),
        (["run", "{colours}", "{green}", "--isa", "m68k"], "m68k"),
        (["run", "{colours}", "{green}", "--threads", "0"], "--threads"),
        (["run", "{colours}", "{green}", "--threads", "1000000"], "threads: expected"),
        (["run", "{colours}", "{green}", "--top", "0"], "--top"),
        (["run", "{colours}", "{green}", "--top", "many"], "--top"),
        (["run", "{colours}", "{green}", "--colour", "red"], "--colour"),
        (["run", "{colours}"], "IMAGE..."),
        (["inspect", "{green}"], "green.png"),
        (["inspect", "{colours}", "{colours}"], "unexpected extra argument"),
        (["bench", "{colours}", "--runs", "0"], "--runs"),
        (["bench", "{colours}", "--runs", "-3"], "--runs"),
        (["bench", "{colours}", "--warmup", "-1"], "--warmup"),
        (["bench", "{colours}", "--batch", "0"], "--batch"),
        (["bench", "{colours}", "--batch", "10000"], "--batch"),
        (["bench", "missing.ebn"], "missing.ebn"),
        (["bench", "{colours}", "--isa", "m68k"], "m68k"),
        (["bench", "{colours}", "--isa", "scalar,scaler"], "did you mean scalar?"),
        (["run", "{colours}", "{green}", "--isa", "scaler"], "did you mean scalar?"),
        (["verify", "missing.ebn"], "missing.ebn"),
        (["verify", "{colours}"], "expected a fingerprint, the file has none"),
        (["verify", "{colours}", "--isa", "m68k"], "m68k"),
        (["verify", "{colours}", "--threads", "0"], "--threads"),
        (["verify", "{green}"], "green.png"),
        (["fly"], "fly"),
        (["--fly"], "--fly"),
    ],
)
def test_bad_usage_is_one_line(
    arguments: list[str],
    message: str,
    colours: Path,
    green: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    filled = [a.format(colours=colours, green=green) for a in arguments]
    assert edgebin(*filled) == 2
    out, err = capsys.readouterr()
    assert err.startswith("edgebin: error: ")
    assert message in err
    assert err.count("\n") == 1
    assert out == ""


@pytest.mark.usefixtures("python")
def test_what_the_measuring_process_refuses_is_one_line(
    green: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edgebin("bench", green, "--runs", "1") == 2
    out, err = capsys.readouterr()
    begun, line = err.splitlines()
    assert begun == f"measuring: {green}, 1 thread, 1 run after warming up"
    assert line.startswith(f"edgebin: error: {green}: ")
    assert out == ""


@pytest.mark.parametrize(
    "arguments", [[], ["run"], ["inspect"], ["bench"], ["verify"], ["train"], ["export"]]
)
def test_no_arguments_show_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert edgebin(*arguments) == 0
    out, err = capsys.readouterr()
    assert f"Usage: {' '.join(['edgebin', *arguments])}" in out
    assert err == ""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    assert edgebin("--version") == 0
    assert capsys.readouterr().out == f"edgebin {version('edgebin')}\n"


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("edgebin.cli.run.load", fail)
    with pytest.raises(ZeroDivisionError):
        main(["run", "a", "b"])


def test_a_message_is_one_line_that_steers_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise EdgebinError("first\nsecond\x1b[0m")

    monkeypatch.setattr("edgebin.cli.run.load", fail)
    assert edgebin("run", "a", "b") == 2
    assert capsys.readouterr().err == "edgebin: error: first\\nsecond\\x1b[0m\n"


def test_of_a_network_that_is_refused_every_reason_has_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reasons = [Refusal(f"layer{n}", "aten.silu\x1b[0m", "edgebin.nn.HWGQ") for n in range(30)]

    def fail(*_: object, **__: object) -> None:
        raise ExportError(refusals=reasons)

    monkeypatch.setattr("edgebin.cli.run.load", fail)
    assert edgebin("run", "a", "b") == 2
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == "edgebin: error: the network: found 30 things that export refuses:"
    assert lines == [f"- {reason}".replace("\x1b", "\\x1b") for reason in reasons]


def test_missing_pytorch_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr("edgebin.cli.run.load", fail)
    assert edgebin("run", "a", "b") == 2
    assert "pip install" in capsys.readouterr().err


def test_a_closed_pipe_is_silent(command: list[str], colours: Path, green: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    child = subprocess.run(
        [*command, "run", colours, *[green] * 50], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert child.stderr == b""
    assert child.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_one_line(
    command: list[str], colours: Path, green: Path
) -> None:
    with Path("/dev/full").open("wb") as full:
        child = subprocess.run(
            [*command, "run", colours, green], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert child.returncode == 2
    assert child.stderr == b"edgebin: error: standard output: No space left on device\n"


def test_a_limit_of_size_behind_standard_output_is_one_line(
    command: list[str], colours: Path, green: Path, tmp_path: Path
) -> None:
    words = " ".join(map(shlex.quote, [*command, "run", str(colours), str(green)]))
    with (tmp_path / "out").open("wb") as out:
        child = subprocess.run(
            ["sh", "-c", f"ulimit -f 0; exec {words}"],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert child.returncode == 2
    assert child.stderr == b"edgebin: error: standard output: File too large\n"


def test_output_in_ascii_does_not_fail(command: list[str], colours: Path, green: Path) -> None:
    child = subprocess.run(
        [*command, "run", colours, green],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert child.returncode == 0
    assert b"####" in child.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["x" * 5000],
        ["run", "x" * 5000, "{green}"],
        ["run", "{colours}", "y" * 5000],
        ["run", "{colours}", "{green}", "--" + "z" * 5000],
        ["bench", "{colours}", "--isa", "w" * 5000],
    ],
)
def test_lines_are_short_whatever_is_given(
    colours: Path, green: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert edgebin(*[word.format(colours=colours, green=green) for word in arguments]) == 2
    line = capsys.readouterr().err.removeprefix("edgebin: error: ").rstrip("\n")
    assert 0 < len(line) <= 500
    assert "\n" not in line


def test_a_model_behind_its_images_is_recognised(
    colours: Path, green: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model in ("cifar10-resnet20", colours):
        assert edgebin("run", green, model) == 2
        line = capsys.readouterr().err
        assert f'expected the model first, found "{green}" before "{model}"' in line
        assert line.count("\n") == 1


def test_numbers_out_of_range_are_worded_as_in_edgebin_run(
    colours: Path, green: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edgebin("bench", colours, "--runs", "many") == 2
    assert (
        capsys.readouterr().err == 'edgebin: error: --runs: expected 1 to 1000000, found "many"\n'
    )
    assert edgebin("run", colours, green, "--top", "0") == 2
    assert capsys.readouterr().err == 'edgebin: error: --top: expected at least 1, found "0"\n'
    assert edgebin("export", "--arch", "resnet20", "--width", "17", "-o", "x.ebn") == 2
    expected = "a number above 0 and at most 16"
    assert capsys.readouterr().err == f'edgebin: error: --width: expected {expected}, found "17"\n'
