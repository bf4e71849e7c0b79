"""What the stack of layers means: pure functions over changesets."""
