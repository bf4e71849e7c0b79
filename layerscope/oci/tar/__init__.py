"""A tar scanner that streams: headers, extensions, contents, in one pass."""
