"""Dockerfiles built by a real engine, changed as a finding says, and built again."""
