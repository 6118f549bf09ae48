"""`edgebin models`: lists the models that ship with edgebin."""

from __future__ import annotations

from rich.text import Text

from edgebin.cli.arguments import JsonOption
from edgebin.cli.terminal import console, plain, print_json, size, table
from edgebin.runtime.model import Model
from edgebin.runtime.zoo import shipped


def models(as_json: JsonOption = False) -> None:
    """List the models that ship with edgebin."""
    entries = [
        (name, path, path.stat().st_size, _shape(Model(path))) for name, path in shipped().items()
    ]
    if as_json:
        print_json(
            {
                "models": [
                    {"name": name, "path": str(path), "file_bytes": count, "input": list(shape)}
                    for name, path, count, shape in entries
                ]
            }
        )
        return
    rows = table("name", "input", "size", "file", right=frozenset({"size"}))
    for name, path, count, shape in entries:
        rows.add_row(name, "x".join(map(str, shape)), size(count), Text(plain(str(path))))
    console().print(rows)


def _shape(model: Model) -> tuple[int, ...]:
    return model.inputs[0].shape
