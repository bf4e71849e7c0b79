"""A Dockerfile: its instructions by their lines, and which layer of an image each of them made."""
