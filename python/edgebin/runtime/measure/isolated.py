"""Measures a model in an isolated process, so that the memory measured is the model's alone."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

from edgebin.runtime.isolated_process import answer_of
from edgebin.runtime.measure.measurement import Measurement, measurement_from
from edgebin.runtime.measure.plan import Plan

_CHILD = "edgebin.runtime.measure.child"


def measure(path: Path, plan: Plan) -> Measurement:
    """Measure a model in an isolated process.

    Raises:
        EdgebinError: the model or an option is bad; the message is the child's. Or Python cannot
            be started a second time.
        MemoryError: the child had not enough.
    """
    request = {"path": os.path.abspath(path), "plan": asdict(plan)}
    return measurement_from(answer_of(_CHILD, request))
