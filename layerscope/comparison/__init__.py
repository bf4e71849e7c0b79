"""Two images side by side: what changed, and what a node that has the one must pull for the other."""
