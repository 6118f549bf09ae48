"""Checkpoints: a training's state in a file, checked before PyTorch reads it."""
