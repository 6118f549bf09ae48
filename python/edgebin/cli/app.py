"""Wires the commands of `edgebin` and is the one place where errors become exit codes.

Bad input and bad usage end in one line on standard error, `edgebin: error: ...`, and exit code 2,
a network that export refuses in one line more for each reason. Too little memory ends so, too;
Ctrl-C in one line and 130 (`interrupt.py`); a closed pipe in 1, silently. Anything else is a bug in
edgebin and keeps its traceback.
"""

from __future__ import annotations

import errno
import os
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import Annotated, Any, NamedTuple, TextIO

import typer

from edgebin.cli.bench import bench
from edgebin.cli.compare import compare
from edgebin.cli.doctor import doctor
from edgebin.cli.eval import evaluate_command
from edgebin.cli.export import export
from edgebin.cli.inspect import inspect
from edgebin.cli.models import models
from edgebin.cli.plot import plot
from edgebin.cli.refine import refine
from edgebin.cli.run import run
from edgebin.cli.terminal.console import complain, note
from edgebin.cli.terminal.deprecations import show_deprecations
from edgebin.cli.terminal.interrupt import interrupted_line
from edgebin.cli.train import train
from edgebin.cli.usage.help import CommandHelp, ProgramHelp
from edgebin.cli.verify import verify
from edgebin.errors import EdgebinError, ExportError, bounded_line
from edgebin.install_hint import install_command, install_torch

_BAD_INPUT, _INTERRUPTED = 2, 130
_CLOSED_PIPE = 1  # as typer and rich have it
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # of what output goes to
_NO_MEMORY = ("allocate memory", "out of memory", "failed to map segment")


def _section(title: str, package: str, extra: str) -> str:
    """Return the heading of commands that need a package, with how to get it if it is missing."""
    return title if find_spec(package) else f"{title} (needs {install_command(extra)})"


class CommandEntry(NamedTuple):
    """A command: its function, its heading in `edgebin --help`, and an example of its use.

    Its name is the function's where none is given.
    """

    function: Callable[..., None]
    section: str
    example: str
    name: str | None = None


_RUNNING = "Run and measure"
_TRAINING = _section("Train", "torch", "train")
_PLOTTING = _section("Plot", "matplotlib", "plot")

COMMANDS = (
    CommandEntry(run, _RUNNING, "run cifar10-resnet20 examples/ship.png"),
    CommandEntry(evaluate_command, _RUNNING, "eval cifar10-resnet20 --data photos", name="eval"),
    CommandEntry(inspect, _RUNNING, "inspect cifar10-resnet20"),
    CommandEntry(bench, _RUNNING, "bench cifar10-resnet20 --threads 2 --profile"),
    CommandEntry(compare, _RUNNING, "compare before.json after.json"),
    CommandEntry(verify, _RUNNING, "verify cifar10-resnet20"),
    CommandEntry(models, _RUNNING, "models"),
    CommandEntry(doctor, _RUNNING, "doctor"),
    CommandEntry(train, _TRAINING, "train cifar10-resnet20 --data cifar10 --out runs/first"),
    CommandEntry(
        refine,
        _TRAINING,
        "refine runs/real/checkpoint.pt --data cifar10 --out runs/signs",
    ),
    CommandEntry(export, _TRAINING, "export runs/first/checkpoint.pt -o first.ebn"),
    CommandEntry(plot, _PLOTTING, "plot runs/first runs/second -o curves.png"),
)

app = typer.Typer(
    cls=ProgramHelp,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Run, measure, train and export networks with binary weights and 2-bit activations.",
    epilog="edgebin run cifar10-resnet20 examples/ship.png",
)
for _entry in COMMANDS:
    app.command(
        _entry.name,
        cls=CommandHelp,
        rich_help_panel=_entry.section,
        epilog=f"edgebin {_entry.example}",
    )(_entry.function)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"edgebin {version('edgebin')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Take what stands before the command."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a path may hold bytes that are no text
            stream.reconfigure(errors="backslashreplace")
    show_deprecations()
    warnings.filterwarnings("ignore", module=r"PIL\.")  # of images: they are refused or fine
    try:
        code = _exit_code(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop(sys.stdout, sys.stderr)
        code = _CLOSED_PIPE
    except OSError as error:
        if error.errno not in _DISK_FULL or error.filename is not None:
            raise
        _drop(sys.stdout)
        complain(f"standard output: {error.strerror}")
        code = _BAD_INPUT
    sys.exit(code)


def _drop(*streams: TextIO) -> None:
    """Let a stream write nowhere: Python flushes it once more at exit."""
    for stream in streams:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _exit_code(arguments: list[str]) -> int:
    try:
        code = app(
            [*arguments, "--help"] if _needs_arguments(arguments) else arguments,
            prog_name="edgebin",
            standalone_mode=False,
        )
        if code == _INTERRUPTED:  # from within this process: `start.py` takes signals
            sys.stderr.write(interrupted_line())
        return int(code or 0)
    except ExportError as error:
        first, *others = error.lines
        complain(first)
        for line in others:
            note(line)
        return _BAD_INPUT
    except EdgebinError as error:
        complain(str(error))
        return _BAD_INPUT
    except typer.TyperException as error:
        complain(bounded_line(error.format_message()))
        return _BAD_INPUT
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        complain(f"this command needs PyTorch: {install_torch()}")
        return _BAD_INPUT
    except typer.Abort:
        return _INTERRUPTED
    except (MemoryError, OSError, ImportError, RuntimeError) as error:
        if not _lacks_memory(error):
            raise
        complain("there is not enough memory")
        return _BAD_INPUT


def _needs_arguments(words: list[str]) -> bool:
    """Whether there is no command, or one alone that cannot do without arguments."""
    if not words:
        return True
    commands: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    command = commands.get(words[0])
    return len(words) == 1 and command is not None and any(p.required for p in command.params)


def _lacks_memory(error: Exception) -> bool:
    """Whether memory was short; PyTorch and the dynamic loader say so in words alone."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or any(words in str(error) for words in _NO_MEMORY)
