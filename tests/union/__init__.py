"""What a stack of layers means: each case by name, laws for any stack, and two oracles."""
