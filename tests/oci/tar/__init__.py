"""Tests of the tar scanner."""
