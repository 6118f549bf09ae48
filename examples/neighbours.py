"""Find the images that look most like another one, by the vectors of a network.

python examples/neighbours.py MODEL QUERY IMAGE...

MODEL is a file of the task embed: edgebin.export(..., task="embed").
"""

from __future__ import annotations

import sys

import numpy as np

import edgebin


def nearest(model: edgebin.Model, query: str, images: list[str]) -> list[tuple[float, str]]:
    """Return the cosine of each image with the query, most alike first."""
    vectors = np.stack([model.embed(image) for image in [query, *images]])
    cosines = vectors[1:] @ vectors[0]
    return sorted(zip(cosines.tolist(), images, strict=True), reverse=True)


def main() -> None:
    """Print the images, the most alike first."""
    path, query, *images = sys.argv[1:]
    for cosine, image in nearest(edgebin.load(path), query, images):
        print(f"{cosine:.3f}  {image}")


if __name__ == "__main__":
    main()
