"""What CI refuses: one file a gate."""
