"""One file for each kind of thing on a screen."""
