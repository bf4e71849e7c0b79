"""What gets written: one file a format."""
