"""What the rules are written with: evidence, patterns of paths, fixes; and `suggest`, which runs them."""
