"""The smaller image, and that it is the same."""
