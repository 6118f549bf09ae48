"""Functions of one f32 element."""
