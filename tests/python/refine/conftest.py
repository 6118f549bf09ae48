"""The data set and the recipe of the tests of training."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_path = Path(__file__).parents[1] / "train" / "conftest.py"
_spec = importlib.util.spec_from_file_location("training_fixtures", _path)
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)

table, recipe, data, images = _module.table, _module.recipe, _module.data, _module.images
