"""The commands beside the one that looks at an image: one thin file each, ending with COMMAND."""
