"""How Markdown is made of text that nobody vouches for: tables, code, prose in which nothing is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from layerscope.model.people import fit

_LONGEST_PATH = 100

_SPECIAL = r"[\\`*\[\]<>|~&@#$]|(?<!\w)_|_(?!\w)|[!%](?=\w)|(?<=(?i:www))\.|:(?=/)"
"""What could be markup, a link, or on a forge a call to somebody or something: @name, #1, !2."""
_TICKS = r"`+"
_CALL = r"(&#(?:33|35|36|37|38|64|126);)(?=\w)"


def table(titles: Sequence[str], sides: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """A table; a column that is empty in every row is left out."""
    used = [place for place in range(len(titles)) if any(one[place] for one in rows)]
    return [
        _row(titles[place] for place in used),
        _row("--:" if sides[place] == "r" else "---" for place in used),
        *(_row(one[place] for place in used) for one in rows),
    ]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def folded(title: str, count: int, lines: list[str]) -> list[str]:
    """A section that is open only when somebody wants to see it."""
    if not count:
        return []
    return ["<details>", f"<summary>{title} ({count})</summary>", "", *lines, "", "</details>"]


def path(escaped: str) -> str:
    """A path of which only the end is shown where it is long."""
    return code(fit(f"/{escaped}", _LONGEST_PATH, end=True))


def code(text: str) -> str:
    """Text as it is, where nothing in it means anything; in a table too."""
    if not text.strip():
        return ""
    ticks = "`" * (max((len(run) for run in re.findall(_TICKS, text)), default=0) + 1)
    inner = f" {text} " if "`" in (text[0], text[-1]) else text
    return f"{ticks}{inner}{ticks}".replace("|", "\\|")


def fence(text: str) -> str:
    """What begins and ends a block of code that holds this text."""
    return "`" * max(3, max((len(run) for run in re.findall(_TICKS, text)), default=0) + 1)


def prose(text: str) -> str:
    """Text in which nothing is markup, a link, or a call; forges look for calls when entities are gone."""
    text = re.sub(_SPECIAL, lambda match: f"&#{ord(match[0])};", text)
    return re.sub(_CALL, r"\1<!-- -->", text)
