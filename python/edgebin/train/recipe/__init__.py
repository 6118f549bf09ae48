"""Recipes: what a training does, as a TOML file and as dataclasses."""
