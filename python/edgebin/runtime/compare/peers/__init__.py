"""The runtimes that a model is compared with: the one list.

A file loads its runtime only when a model is loaded, so that a measuring process holds one runtime
and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from edgebin.runtime.compare.peers import litert, onnx_runtime, open_vino
from edgebin.runtime.compare.peers.peer import Peer

PEERS: Mapping[str, Peer] = MappingProxyType(
    {"onnxruntime": onnx_runtime.PEER, "openvino": open_vino.PEER, "litert": litert.PEER}
)


def peers_of(suffix: str) -> tuple[str, ...]:
    """Return the keys of the runtimes that run files of a suffix, such as ".onnx"."""
    return tuple(key for key, peer in PEERS.items() if suffix.lower() in peer.suffixes)
