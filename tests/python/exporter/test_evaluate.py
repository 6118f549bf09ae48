"""The float64 rule of each operator against the oracle, which rounds as FORMAT.md says."""

from __future__ import annotations

import numpy as np

from edgebin.exporter.evaluate import evaluate
from edgebin.graph import reference
from graphs.every_operator import every_operator
from graphs.sketch import pixels


def test_every_operator_agrees_with_the_oracle() -> None:
    graph = every_operator()
    images = pixels(np.random.default_rng(0), 3, graph.input_shape)
    rounded = reference.evaluate(graph, images)
    for name, exact in evaluate(graph, images).items():
        found = exact.permute(0, 2, 3, 1).numpy()
        spread = max(1.0, np.abs(found).max())
        np.testing.assert_allclose(
            np.asarray(rounded[name], np.float64),
            found,
            rtol=1e-5,
            atol=1e-5 * spread,
            err_msg=name,
        )
