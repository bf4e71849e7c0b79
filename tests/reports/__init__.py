"""What gets written: the data, its schema, the text for a terminal."""
