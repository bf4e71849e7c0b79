"""The command: what it prints, where, and the exit code it ends with."""
