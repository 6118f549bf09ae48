"""What `edgebin compare` prints and writes."""
