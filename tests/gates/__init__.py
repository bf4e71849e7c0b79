"""What CI refuses: how limits are read, and where they bite."""
