"""Which package each visible byte belongs to, which layer brought it, and what no package owns."""
