"""The command `edgebin`; `app.py` wires it. Nothing outside this package imports typer or rich."""
