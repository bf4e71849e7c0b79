"""Where images can be put: one file for each scheme."""
