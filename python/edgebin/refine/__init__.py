"""The alternating update: better signs for a binary network, layer by layer.

    from edgebin.refine import RefineImages, RefineOptions, refine, refit_head

    options = RefineOptions(images=2000, holdout=5000)
    images = RefineImages(data, options)
    refine(network, images, options, teacher=float_network)
    refit_head(network, images, float_network)

After Zhang, Yan, Zhang, Computer Engineering 47(5), 2021, as far as its abstract goes, and Hu,
Wang, Cheng, "From Hashing to CNNs", AAAI 2018, arXiv 1802.02733.

| file | what |
|---|---|
| `alternating_update.py` | `refine`: through the network, keeping what lowers the loss |
| `last_layer.py` | `refit_head`: the last layer, refitted to what it then reads |
| `images.py` | the images to measure on and to judge by |
| `layer/` | one layer: moments, coordinate ascent over its signs, a candidate |
| `teacher/` | what layers should answer |
| `batch_norms.py` | batch norms that are updated when weights change |
| `run.py`, `student.py`, `resume.py` | `refine_checkpoint`: from checkpoint to checkpoint |
| `report.py` | results and the lines that are printed for them |
"""

from __future__ import annotations

from edgebin.deprecated import renamed_names
from edgebin.refine.alternating_update import Progress, refine
from edgebin.refine.images import RefineImages
from edgebin.refine.last_layer import refit_head
from edgebin.refine.options import RefineOptions
from edgebin.refine.report import HeadResult, LayerResult
from edgebin.refine.run import RefineResult, refine_checkpoint

__all__ = [
    "HeadResult",
    "LayerResult",
    "Progress",
    "RefineImages",
    "RefineOptions",
    "RefineResult",
    "refine",
    "refine_checkpoint",
    "refit_head",
]

__getattr__ = renamed_names(__name__, {"Pictures": "RefineImages"})
