"""What does a training step minimise? The loss of a recipe, and what a teacher adds to it."""
