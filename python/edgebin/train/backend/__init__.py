"""How a training step runs: its device, several processes, compiled, as a CUDA graph, in bfloat16.

Nothing here knows recipes, data sets or losses: what runs is handed in as a network or a step.
"""
