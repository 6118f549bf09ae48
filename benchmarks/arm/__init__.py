"""What `arm_model.py` is made of: counting executed blocks in qemu, and the cycles of a block."""
