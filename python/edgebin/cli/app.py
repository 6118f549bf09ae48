"""Wires the commands of `edgebin` and is the one place where errors become exit codes.

Bad input and bad usage end in one line on standard error, `edgebin: error: ...`, and exit code 2;
so does too little memory; Ctrl-C in one line and 130 (`interrupt.py`); a closed pipe in 1,
silently. What is none of these is a bug in edgebin and keeps its traceback.
"""

from __future__ import annotations

import errno
import os
import sys
import warnings
from importlib.metadata import version
from typing import Annotated, TextIO

import typer

from edgebin.cli.bench import bench
from edgebin.cli.doctor import doctor
from edgebin.cli.export import export
from edgebin.cli.inspect import inspect
from edgebin.cli.interrupt import interrupted_line
from edgebin.cli.models import models
from edgebin.cli.plot import plot
from edgebin.cli.refine import refine
from edgebin.cli.run import run
from edgebin.cli.terminal import complain
from edgebin.cli.train import train
from edgebin.cli.verify import verify
from edgebin.errors import EdgebinError

_BAD_INPUT, _INTERRUPTED = 2, 130
_CLOSED_PIPE = 1  # as typer and rich have it
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # where output goes
_NO_MEMORY = ("allocate memory", "out of memory", "failed to map segment")
_NEED_ARGUMENTS = ("run", "inspect", "bench", "verify", "train", "refine", "export", "plot")

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run, measure, train and export networks with binary weights and 2-bit activations.",
)
_RUNNING_PANEL, _TRAINING_PANEL = "Running", "Training: pip install 'edgebin\\[train]'"
_PLOTTING_PANEL = "Plotting: pip install 'edgebin\\[plot]'"
app.command(rich_help_panel=_RUNNING_PANEL)(run)
app.command(rich_help_panel=_RUNNING_PANEL)(inspect)
app.command(rich_help_panel=_RUNNING_PANEL)(bench)
app.command(rich_help_panel=_RUNNING_PANEL)(verify)
app.command(rich_help_panel=_RUNNING_PANEL)(models)
app.command(rich_help_panel=_RUNNING_PANEL)(doctor)
app.command(rich_help_panel=_TRAINING_PANEL)(train)
app.command(rich_help_panel=_TRAINING_PANEL)(refine)
app.command(rich_help_panel=_TRAINING_PANEL)(export)
app.command(rich_help_panel=_PLOTTING_PANEL)(plot)


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
    warnings.filterwarnings("ignore", module=r"PIL\.")  # of pictures: they are refused or fine
    try:
        code = _exit_code(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop(sys.stdout, sys.stderr)
        code = _CLOSED_PIPE
    except OSError as error:
        if error.errno not in _NO_ROOM or error.filename is not None:
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
    wants_help = not arguments or (len(arguments) == 1 and arguments[0] in _NEED_ARGUMENTS)
    try:
        code = app(
            [*arguments, "--help"] if wants_help else arguments,
            prog_name="edgebin",
            standalone_mode=False,
        )
        if code == _INTERRUPTED:  # from within this process: `start.py` takes signals
            sys.stderr.write(interrupted_line())
        return int(code or 0)
    except (EdgebinError, typer.TyperException) as error:
        complain(str(error) if isinstance(error, EdgebinError) else error.format_message())
        return _BAD_INPUT
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        complain('this command needs PyTorch: pip install "edgebin[train]"')
        return _BAD_INPUT
    except typer.Abort:
        return _INTERRUPTED
    except (MemoryError, OSError, ImportError, RuntimeError) as error:
        if not _lacks_memory(error):
            raise
        complain("the system has not the memory that this takes")
        return _BAD_INPUT


def _lacks_memory(error: Exception) -> bool:
    """Whether memory was short; PyTorch and who loads libraries say so in words alone."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or any(words in str(error) for words in _NO_MEMORY)
