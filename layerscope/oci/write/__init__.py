"""An image to the archives and layouts that engines and tools load."""
