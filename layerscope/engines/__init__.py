"""What the sources of container engines share: where engines listen, their API, their commands."""
