"""``[[ignore]]`` in the settings: what is not to be told, where, why, and until when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from layerscope.errors import UsageError
from layerscope.loading import load
from layerscope.model.ignore import Ignore, parse_ignore
from layerscope.model.names import shown
from layerscope.model.path_pattern import parse_pattern

IGNORE = "ignore"
_KEYS = ("rule", "paths", "reason", "until")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def known_rule(name: str) -> str:
    """A rule's id; raises ValueError where there is none of that name."""
    rules = load("rule")
    if name not in rules:
        from difflib import get_close_matches

        near = get_close_matches(name, rules, n=1)
        advice = f"did you mean {near[0]}?" if near else "layerscope rules lists them all"
        raise ValueError(f"{name!r} is no rule: {advice}")
    return name


def ignore_of(text: str) -> Ignore:
    """``RULE`` or ``RULE:GLOB`` of a rule that there is; raises ValueError."""
    found = parse_ignore(text)
    known_rule(found.rule)
    return found


def read_ignores(value: Any, where: str) -> Iterator[Ignore]:
    """A list of tables, or of texts as ``--ignore`` takes them; raises UsageError, ``where`` first."""
    if not isinstance(value, list):
        raise UsageError(f"{where}: ignore: expected a list", hint='write [[ignore]] and below it rule = "…"')
    for number, one in enumerate(value, 1):
        try:
            yield ignore_of(one) if isinstance(one, str) else _of_table(one)
        except ValueError as error:
            place = f" number {number}" if len(value) > 1 else ""
            raise UsageError(f"{where}: ignore{place}: {error}", hint=f"it has {', '.join(_KEYS)}") from None


def _of_table(table: Any) -> Ignore:
    if not isinstance(table, dict):
        raise ValueError("expected a table")  # noqa: TRY004 - what is wrong is the file
    for key in table:
        if key not in _KEYS:
            raise ValueError(f"{shown(str(key))}: no such key")
    if "rule" not in table:
        raise ValueError("no rule is named")
    paths = table.get("paths", [])
    paths = [paths] if isinstance(paths, str) else paths
    if not isinstance(paths, list) or ("paths" in table and not paths):
        raise ValueError("paths: expected a list of paths")
    return Ignore(
        rule=known_rule(_text(table, "rule")),
        paths=tuple(parse_pattern(_word(path)) for path in paths),
        reason=_text(table, "reason") if "reason" in table else "",
        until=_day(table["until"]) if "until" in table else None,
    )


def _text(table: dict[str, Any], key: str) -> str:
    if not isinstance(table[key], str):
        raise ValueError(f"{key}: expected a text in quotes")  # noqa: TRY004 - likewise
    return str(table[key])


def _word(path: Any) -> str:
    if not isinstance(path, str):
        raise ValueError("paths: expected texts in quotes")  # noqa: TRY004 - likewise
    return path


def _day(value: Any) -> str:
    """A date of TOML's own, or one in quotes."""
    text = value.isoformat() if type(value) is date else value
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        raise ValueError("until: expected a day, such as 2027-01-31")
    return date.fromisoformat(text).isoformat()


def in_force(ignores: tuple[Ignore, ...], today: date) -> tuple[tuple[Ignore, ...], list[str]]:
    """Those that hold today, and what is to be said of the others."""
    expired = [one for one in ignores if one.until is not None and one.until < today.isoformat()]
    warnings = [
        f"ignore {shown(str(one))}: expired on {one.until}, told again"
        + (f" ({shown(one.reason)})" if one.reason else "")
        for one in expired
    ]
    return tuple(one for one in ignores if one not in expired), warnings
