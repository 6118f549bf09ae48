"""What the layers of a binary network should answer, by a teacher of the same shape."""
