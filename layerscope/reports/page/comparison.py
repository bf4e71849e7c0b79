"""A comparison as one page for a browser: the same style and policy as the page of one image, fewer parts."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from layerscope.model.people import fit, percent, size
from layerscope.reports.comparison_words import (
    SIGNS,
    TOTALS,
    UNKNOWN,
    above_words,
    blamed_pair,
    cause_words,
    content_count,
    former_words,
    instruction_of_pair,
    metadata_words,
    moved_bytes,
    number_of,
    pull_words,
    signed,
    signed_count,
    signed_share,
    version_words,
    with_content,
)
from layerscope.reports.page.rendering import style
from layerscope.reports.page.segments import segments

_HERE = Path(__file__).parent
_SCRIPTS = ("start.js", "words.js", "tables.js")
_ROWS = 500
_CHANGES = 12
_LONGEST = 400


def render_comparison(data: dict[str, Any]) -> bytes:
    """The whole page; the same bytes for the same images."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "size": size,
        "percent": percent,
        "grouped": lambda count: f"{count:,}",
        "signed": signed,
        "signed_count": signed_count,
        "cut": lambda text: fit(text, _LONGEST),
        "path": lambda text: fit(f"/{text}", _LONGEST, end=True),
    }
    page = environment.get_template("comparison.html.j2").render(
        _contents(data),
        policy=_policy(),
        style=Markup(style()),  # noqa: S704  # our own file
        script=Markup(_script()),  # noqa: S704  # likewise
    )
    return page.encode()


def _contents(data: dict[str, Any]) -> dict[str, Any]:
    """Everything that the template names."""
    update, pair = data["update"], blamed_pair(data)
    directories, files, packages = data["directories"], data["files"], data["packages"]
    telling = [one for one in directories["rows"] if one["telling"]]
    return {
        "data": data,
        "signs": SIGNS,
        "unknown": UNKNOWN,
        "labels": TOTALS,
        "share": signed_share,
        "pull": pull_words(update, sum(one["new"] is not None for one in data["layers"])),
        "bar": _bar(update),
        "blamed": None
        if pair is None
        else {
            "changes": pair["largest_changes"][:_CHANGES] if pair["old"] and pair["new"] else [],
            "more": max(0, (pair["changed_entries"] or 0) - _CHANGES),
            "number": number_of(pair),
            "cause": cause_words(pair),
            "instruction": instruction_of_pair(pair),
            "former": former_words(pair),
            "above": above_words(data),
        },
        "instruction": instruction_of_pair,
        "directories": _table(telling, directories["telling"]),
        "files": None
        if files is None
        else _table(with_content(files["rows"]), content_count(data["file_counts"]), files["more_bytes"]),
        "metadata": metadata_words(data["file_counts"]),
        "versions": lambda row: fit(version_words(row), _LONGEST),
        "packages": None
        if packages is None
        else _table(packages["rows"], packages["count"], packages["more_bytes"]),
        "failed": any(not one["passed"] and not one["warning"] for one in data["gates"]),
    }


def _bar(update: dict[str, Any]) -> Any:
    """All blobs of the new image: what is there, what comes for the first time, what comes again."""
    pulled, again = update["pull_bytes"], update["again_compressed_bytes"] or 0
    fresh = "new content" if update["again_bytes"] is not None else "pulled"
    parts = [
        ("base", "already there", update["total_bytes"] - pulled),
        ("visible", fresh, pulled - min(again, pulled)),
        ("overwritten", "shipped again", min(again, pulled)),
    ]
    return segments(parts, update["total_bytes"])


def _table(rows: list[dict[str, Any]], count: int, more_bytes: int | None = None) -> dict[str, Any]:
    """The first rows of so many, and what the others weigh; directories stand in others, and have no sum."""
    return {
        "rows": rows[:_ROWS],
        "count": count,
        "more": count - len(rows[:_ROWS]),
        "more_bytes": None if more_bytes is None else more_bytes + sum(map(moved_bytes, rows[_ROWS:])),
    }


@cache
def _script() -> str:
    parts = "\n".join((_HERE / "script" / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def _policy() -> str:
    return (
        f"default-src 'none'; script-src '{_hash(_script())}'; style-src '{_hash(style())}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
