"""The data set and the recipe of the tests of training and refining."""

from __future__ import annotations

from training.training_fixtures import data, images, recipe, table

__all__ = ["data", "images", "recipe", "table"]
