"""What can be said of targets without any engine."""
