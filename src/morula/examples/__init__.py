"""Frames made ready to learn from, in memory and on disk, and the patches cut from them."""
