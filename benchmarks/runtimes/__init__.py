"""The runtimes that benchmarks compare: the one list, edgebin first.

To add one, write its file with a `PEER` in it and its line in PEERS. A file loads its runtime only
when it is asked to make or load a model, so that a measuring process holds one runtime and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from runtimes.litert import PEER as LITERT
from runtimes.ncnn import PEER as NCNN
from runtimes.onnx_runtime import PEER as ONNX_RUNTIME
from runtimes.open_vino import PEER as OPEN_VINO
from runtimes.own import PEER as OWN
from runtimes.peer import Peer

PEERS: Mapping[str, Peer] = MappingProxyType(
    {
        "edgebin": OWN,
        "onnxruntime": ONNX_RUNTIME,
        "openvino": OPEN_VINO,
        "ncnn": NCNN,
        "litert": LITERT,
    }
)
