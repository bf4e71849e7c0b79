"""Shows which instruction put every byte into a container image, and which bytes are wasted."""

__version__ = "0.1.0"
