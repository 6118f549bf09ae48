"""How are weights moved? The optimiser, its state in a checkpoint, the average of the weights."""
