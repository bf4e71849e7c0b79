"""Bytes to model: the only code that knows JSON, tar, compression and digests."""

SWITCH_INTERVAL_S = 0.0002
"""For `sys.setswitchinterval` in our own processes: the decompressor gets its turn sooner."""
