"""What `edgebin bench` prints and writes: text of one result, a table of several, JSON."""
