"""One binary layer: where it stands in the network, what it reads, and better signs for it."""
