"""Runs written down one by one, and what became of an image from one to the next."""
