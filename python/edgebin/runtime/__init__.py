"""Runs a model file: images in, predictions out, times and memory measured."""
