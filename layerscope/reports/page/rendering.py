"""The page as bytes: templates filled, style and script inside, a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from layerscope.extensions import Verdict
from layerscope.model.people import duration, percent, size

if TYPE_CHECKING:  # jinja2 is imported where a page is written
    from jinja2 import Environment

    from layerscope.inspection import Inspection

_HERE = Path(__file__).parent
_PAGE_BYTES = 960_000
"""What the page should take at most; the tree has the room that all else leaves."""
_LEAST_BYTES = 200_000
_TREE = b'<script type="application/json" id="tree">'
_SCRIPTS = ("start.js", "words.js", "tree.js", "layout.js", "map.js", "walk.js", "tables.js", "copy.js")


def render(inspection: Inspection, verdicts: Sequence[Verdict]) -> bytes:
    """The whole page; the same bytes for the same image."""
    from markupsafe import Markup

    from layerscope.reports.page.contents import contents
    from layerscope.reports.page.thinning import thinned

    found = contents(inspection, verdicts)
    page = (
        templates()
        .get_template("page.html.j2")
        .render(
            found,
            policy=policy(),
            style=Markup(style()),  # noqa: S704  # our own file
            script=Markup(script()),  # noqa: S704  # likewise
        )
    )
    before, here, after = page.encode().partition(_TREE)
    # Escaped text holds no "<", so that no name can be taken for the place of the tree.
    tree = thinned(found["leaves"], max(_LEAST_BYTES, _PAGE_BYTES - len(page.encode())))
    return before + here + tree.encode() + after


@cache
def templates() -> Environment:
    """The templates, and how they write sizes and the like; what they are given is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"size": size, "percent": percent, "duration": duration}
    environment.filters |= {"grouped": lambda count: f"{count:,}"}
    return environment


@cache
def style() -> str:
    """The style sheet."""
    return (_HERE / "style.css").read_text(encoding="utf-8")


@cache
def script() -> str:
    """The script: its files one after the other, in a scope of their own."""
    parts = "\n".join((_HERE / "script" / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def policy(*, scripted: bool = True) -> str:
    """The Content-Security-Policy: this style, this script or none, and nothing from anywhere."""
    scripts = f"'{_hash(script())}'" if scripted else "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src '{_hash(style())}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
