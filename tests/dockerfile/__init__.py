"""Dockerfiles: their lines, and the layers that these made."""
