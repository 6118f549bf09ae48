"""Counting executed blocks in qemu, and the cycles of a block: what the ARM commands consist of."""
