"""Operators that compute each element from the same element of their inputs."""
