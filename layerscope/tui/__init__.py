"""The inspection, explored: a Textual interface that draws what others computed."""
