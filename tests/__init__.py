"""The tests: a package, so that they share one vocabulary (tests.dsl and the like)."""
