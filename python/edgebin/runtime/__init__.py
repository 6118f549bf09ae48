"""Runs a model file: pictures in, predictions out, times and memory measured."""
