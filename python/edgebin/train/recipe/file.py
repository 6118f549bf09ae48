"""Where recipes come from: files in the package or of the user, and the options of the CLI.

It refuses to look into a recipe; `recipe.py` does.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from edgebin.errors import RecipeError
from edgebin.files.safe_open import read_bounded
from edgebin.train.recipe.recipe import Recipe, parse_recipe, recipe_data

_LARGEST = 1 << 18  # bytes of a recipe, which may name a thousand classes
_LONGEST = 1 << 10  # bytes of a line: a reader takes the square of a dotted key's parts in time
SHIPPED = Path(__file__).parent / "shipped"

# Python has a reader of TOML since 3.11; `tomli` is the same one for 3.10.
_toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


def shipped_recipes() -> list[str]:
    """Names of the recipes in the package, sorted."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load_recipe(name_or_path: str | Path) -> Recipe:
    """Reads a shipped recipe by name, or a file.

    Raises:
        RecipeError: no such recipe, no TOML, or an entry that is missing, unknown or impossible.
    """
    text = str(name_or_path)
    path = SHIPPED / f"{text}.toml" if text in shipped_recipes() else Path(text)
    try:
        raw = read_bounded(path, _LARGEST)
        longest = max(map(len, raw.split(b"\n")))
        if longest > _LONGEST:
            raise RecipeError(
                f"{text}: expected lines of at most {_LONGEST} bytes, found one of {longest}"
            )
        table = _toml.loads(raw.decode())
    except (FileNotFoundError, IsADirectoryError):
        names = ", ".join(shipped_recipes())
        raise RecipeError(
            f"recipe: expected a file or one of {names}, found neither at {text!r}"
        ) from None
    except (ValueError, OSError, RecursionError) as error:
        raise RecipeError(f"{text}: expected a TOML file, found: {error}") from None
    return parse_recipe(table, source=text)


def with_overrides(
    recipe: Recipe, *, epochs: int | None, seed: int | None, holdout: int | None = None
) -> Recipe:
    """The recipe with other epochs (the warm-up keeps its share of them), seed or holdout.

    Raises:
        RecipeError: the value is out of range.
    """
    data = recipe_data(recipe)
    if epochs is not None:
        share = recipe.schedule.warmup_epochs / recipe.schedule.epochs
        # Of epochs that are refused it is one that is not.
        data["schedule"]["warmup_epochs"] = share * min(max(epochs, 0), 10**6)
        data["schedule"]["epochs"] = epochs
    if seed is not None:
        data["run"]["seed"] = seed
    if holdout is not None:
        data["data"]["holdout"] = holdout
    return parse_recipe(data, source=recipe.source)
