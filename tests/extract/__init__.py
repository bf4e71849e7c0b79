"""Files and folders written out of an image."""
