"""Runs written down, and what is read out of them again."""
