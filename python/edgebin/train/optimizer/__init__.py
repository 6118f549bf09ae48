"""How are weights moved? The optimizer, its state in a checkpoint, the average of the weights."""
