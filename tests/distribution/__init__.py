"""Tests of reading registries."""
