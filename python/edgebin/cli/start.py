"""Where the process of a command begins: first its signals, then all that takes time to load.

It refuses to do more; `app.py` runs the command.
"""

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
