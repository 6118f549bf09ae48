"""Runs model files: images in, predictions out, with times and memory measured."""
