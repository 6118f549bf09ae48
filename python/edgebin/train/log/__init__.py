"""The log of a training or an update, and what it says of its course."""
