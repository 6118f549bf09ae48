"""The alternating update: the signs of a binary network made better, layer by layer.

After Zhang, Yan, Zhang, Computer Engineering 47(5), 2021, as far as its abstract tells, and Hu,
Wang, Cheng, "From Hashing to CNNs", AAAI 2018, arXiv 1802.02733. `moments` sums up what a layer
reads and should answer, `signs` finds better signs from that alone, `targets` says what it should
answer, `update` goes through the network and keeps what lowers the loss on held-out pictures,
`head` fits the last layer anew to what it then reads.
"""

from __future__ import annotations

from edgebin.refine.head import HeadResult, refit_head
from edgebin.refine.options import RefineOptions
from edgebin.refine.pictures import Pictures
from edgebin.refine.update import LayerResult, Progress, refine

__all__ = [
    "HeadResult",
    "LayerResult",
    "Pictures",
    "Progress",
    "RefineOptions",
    "refine",
    "refit_head",
]
