"""What the rules are written with."""
