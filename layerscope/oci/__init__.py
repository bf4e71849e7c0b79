"""Bytes to model: the only code that knows JSON, tar, compression and digests."""
