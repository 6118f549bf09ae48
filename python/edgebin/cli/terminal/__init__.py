"""How commands speak to a terminal, a pipe and a signal."""
