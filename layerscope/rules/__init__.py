"""What could be smaller: one file for each suggestion."""
