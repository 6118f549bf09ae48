"""The passes, one a file: pure functions from graph to graph. `pipeline.py` orders them."""
