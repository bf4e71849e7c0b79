"""The views beside the layers: one file a view."""
