"""Tests of the readers: tar, compression, archives and layouts, and damage of all kinds."""
