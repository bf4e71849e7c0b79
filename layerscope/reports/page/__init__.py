"""The page that ``--html`` writes: its data, its templates, its style and its script."""
