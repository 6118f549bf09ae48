"""The help pages: plain text of at most 80 columns, with every command's example at the end.

typer writes them; the two classes here change how usage lines name arguments and list the commands
of a program in groups.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

_LONGEST = 68  # characters that the program's help shows of what a command does


class CommandHelp(TyperCommand):
    """A command whose usage line has its arguments first, without braces: `run MODEL IMAGE...`."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line, behind the name of the command."""
        options, *arguments = super().collect_usage_pieces(ctx)
        return [*(argument.strip("{}") for argument in arguments), options]

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        """Write the example in one line, to be copied."""
        _write_example(self.epilog, formatter)


class ProgramHelp(TyperGroup):
    """A program whose help lists its commands under the headings of their `rich_help_panel`."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each heading, in the order of the commands."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                heading = getattr(command, "rich_help_panel", None) or "Commands"
                sections.setdefault(heading, []).append(
                    (name, command.get_short_help_str(_LONGEST))
                )
        width = max(len(name) for rows in sections.values() for name, _ in rows)
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), text) for name, text in rows])

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        """Write the example in one line, to be copied."""
        _write_example(self.epilog, formatter)


def _write_example(example: str | None, formatter: Any) -> None:
    if example:
        with formatter.section("Example"):
            formatter.write(f"  {example}\n")
