"""Which package each visible byte belongs to."""
