"""References: which archive, which folder, which image in it."""
