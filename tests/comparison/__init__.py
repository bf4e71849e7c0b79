"""Two images side by side: layers, update, files, packages, config, what a report knows of them."""
