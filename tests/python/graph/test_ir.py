"""Graphs and networks as they are shown."""

from __future__ import annotations

from graphs.small_networks import binary_network


def test_a_network_is_shown_on_one_short_line() -> None:
    network = binary_network()
    shown = repr(network)
    nodes = len(network.graph.nodes)
    assert shown == (
        f"<Network 'binary': <Graph 'image' 8x8x3 -> 'last', {nodes} nodes>, "
        f"{len(network.labels)} labels>"
    )
    assert repr(network.graph) in shown
