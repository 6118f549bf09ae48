"""The start of a command's process: first its signals, then the imports that take time."""

from __future__ import annotations

from edgebin.cli.terminal.interrupt import end_on_signals, leave_signals


def main() -> None:
    """Run the command that the process was started for, and end with its exit code."""
    end_on_signals()
    from edgebin.cli.app import main as run_command

    try:
        run_command()
    finally:
        leave_signals()
