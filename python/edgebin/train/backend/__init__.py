"""How a training step is run: several processes, compiled, as a CUDA graph, in bfloat16."""
