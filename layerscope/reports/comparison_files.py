"""A comparison in the forms that are written to files, each from the same plain data."""

from __future__ import annotations

from typing import Any, BinaryIO

import msgspec


def write_json(data: dict[str, Any], stream: BinaryIO) -> None:
    """Everything; described by ``comparison.schema.json``."""
    stream.write(msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n")


def write_markdown(data: dict[str, Any], stream: BinaryIO) -> None:
    """A comment for a pull request."""
    from layerscope.reports.comparison_markdown import comparison_markdown

    stream.write(("\n".join(comparison_markdown(data)) + "\n").encode())


def write_html(data: dict[str, Any], stream: BinaryIO) -> None:
    """A page for a browser."""
    from layerscope.reports.page.comparison import render_comparison

    stream.write(render_comparison(data))
