"""Archives and layouts as they are written."""
