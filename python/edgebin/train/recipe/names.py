"""The recipes of the package, by name. Needs no PyTorch."""

from __future__ import annotations

from pathlib import Path

SHIPPED = Path(__file__).parent / "shipped"


def shipped_recipes() -> list[str]:
    """Return the names of the recipes in the package, sorted."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))
