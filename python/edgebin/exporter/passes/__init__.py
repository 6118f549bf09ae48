"""The passes, one in each file: pure functions from graph to graph, ordered by `pipeline.py`."""
