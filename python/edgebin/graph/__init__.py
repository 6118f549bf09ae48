"""A network as data: the graph, its operators in numpy, the file format."""
