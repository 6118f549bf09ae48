"""The command `edgebin`: one file for each command, which `app.py` lists.

| folder | what |
|---|---|
| `usage/` | shared arguments and options, number types, help pages, what a command requires |
| `terminal/` | printing, tables, signals, deprecations |
| `reports/` | longer texts and JSON documents |
| `classify/` | any number of images: folders, patterns, lists |
| `figures/` | figures, drawn with matplotlib |

Of the package only this one imports typer.
"""
