"""Operators that sum, compare or normalize over space, channels or both."""
