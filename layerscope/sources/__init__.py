"""Where images live: one file a scheme."""
