"""Where recipes come from: files of the package or of the user, and what an option changes."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from edgebin.errors import RecipeError, suggestion
from edgebin.files.safe_open import read_bounded
from edgebin.integers import as_integer
from edgebin.train.recipe.names import SHIPPED, shipped_recipes
from edgebin.train.recipe.recipe import Recipe, parse_recipe, recipe_data

_LARGEST = 1 << 18  # bytes of a recipe, which may name a thousand classes
_EXAMPLES = 4  # names of shipped recipes in an error line
_LONGEST = 1 << 10  # bytes of a line: a reader takes the square of a dotted key's parts in time

# Python has a reader of TOML since 3.11; `tomli` is the same one for 3.10.
_toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


def load_recipe(name_or_path: str | Path) -> Recipe:
    """Read a recipe: a shipped one by its name, or a TOML file.

    Args:
        name_or_path: one of `shipped_recipes()`, or the path of a file.

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
        table = _toml.loads(raw.decode("utf-8-sig"))
    except (FileNotFoundError, IsADirectoryError):
        names = shipped_recipes()
        hint = suggestion(text, names)
        few = sorted(names, key=len)[:_EXAMPLES]
        others = f"{len(names) - len(few)} more, which docs/training.md describes"
        choices = "a shipped recipe" if hint else f"one of {', '.join(few)} and {others}"
        raise RecipeError(
            f"recipe: expected a file or {choices}, found neither at {text!r}{hint}"
        ) from None
    except (ValueError, OSError, RecursionError) as error:
        raise RecipeError(f"{text}: expected a TOML file, found: {error}") from None
    return parse_recipe(table, source=text)


def _plain(value: int | None) -> int | None:
    """Return a numpy integer as an int, and anything else, which the parser refuses, as it is."""
    integer = as_integer(value)
    return value if integer is None else integer


def with_overrides(
    recipe: Recipe,
    *,
    epochs: int | None = None,
    seed: int | None = None,
    holdout: float | None = None,
) -> Recipe:
    """Return a recipe with other epochs (the warm-up keeps its share of them), seed or holdout.

    Args:
        recipe: stays as it is.
        epochs: instead of the recipe's, as the next two; None keeps them.
        seed: of weights, shuffling, augmentation and the choice of held-out images.
        holdout: number of training images to hold out, or a share of them below 1.

    Raises:
        RecipeError: the value is out of range.
    """
    data = recipe_data(recipe)
    epochs, seed = _plain(epochs), _plain(seed)
    if epochs is not None:
        share = recipe.schedule.warmup_epochs / recipe.schedule.epochs
        # Bounded, so that epochs out of range are what the message is about.
        data["schedule"]["warmup_epochs"] = share * min(max(epochs, 0), 10**6)
        data["schedule"]["epochs"] = epochs
    if seed is not None:
        data["run"]["seed"] = seed
    if holdout is not None:
        data["data"]["holdout"] = int(holdout) if float(holdout).is_integer() else holdout
    return parse_recipe(data, source=recipe.source)
