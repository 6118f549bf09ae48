"""What `peers.py` and `kernels.py` consist of: comparing runtimes, charts, the C++ benchmark."""
