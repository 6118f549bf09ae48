"""`edgebin models`: lists the models that ship with edgebin."""

from __future__ import annotations

from edgebin.cli.terminal.console import console, plain, print_facts, print_json, print_table, size
from edgebin.cli.terminal.table import Column
from edgebin.cli.usage.arguments import JsonOption
from edgebin.runtime.model import Model
from edgebin.runtime.zoo import shipped

_COLUMNS = (
    Column("name"),
    Column("input"),
    Column("classes", right=True),
    Column("size", right=True),
)


def models(as_json: JsonOption = False) -> None:
    """List the models that ship with edgebin."""
    entries = [(name, path, path.stat().st_size, Model(path)) for name, path in shipped().items()]
    if as_json:
        print_json(
            {
                "models": [
                    {
                        "name": name,
                        "path": str(path),
                        "file_bytes": file_bytes,
                        "input": list(_shape(model)),
                        "classes": len(model.labels),
                    }
                    for name, path, file_bytes, model in entries
                ]
            }
        )
        return
    screen = console()
    rows = [
        (name, "x".join(map(str, _shape(model))), str(len(model.labels)), size(file_bytes))
        for name, _, file_bytes, model in entries
    ]
    print_table(screen, _COLUMNS, rows)
    folders = dict.fromkeys(plain(str(path.parent)) for _, path, _, _ in entries)
    print_facts(screen, [("folder", folder) for folder in folders])


def _shape(model: Model) -> tuple[int, ...]:
    return model.inputs[0].shape
