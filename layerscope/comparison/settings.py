"""What two configs tell a container to do, side by side; what may be a secret is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from layerscope.comparison.subject import Subject
from layerscope.model.credentials import names_secret, redacted
from layerscope.model.names import shown

_OF_THE_BUILD = ("Image", "Hostname")
"""What old builders left of the container they worked in: it means nothing to one that runs."""


class SettingChange(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the config that differs; ``name`` is a variable, a label, a port, … where it has several.

    Values are on one line, None where the part is not set.
    """

    field: str
    name: str
    old: str | None
    new: str | None


def setting_changes(old: Subject, new: Subject) -> tuple[SettingChange, ...]:
    """All parts of the config that differ, in a fixed order."""
    found = []
    if old.platform != new.platform:
        found.append(
            SettingChange(field="platform", name="", old=_text(old.platform), new=_text(new.platform))
        )
    before, after = _parts(old.runtime), _parts(new.runtime)
    for field, name in sorted(before.keys() | after.keys()):
        former, latter = before.get((field, name)), after.get((field, name))
        if former != latter:
            found.append(
                SettingChange(
                    field=shown(field), name=shown(name), old=_told(name, former), new=_told(name, latter)
                )
            )
    return tuple(found)


def _parts(runtime: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Everything that is set, by field and name; what is set to nothing is not set."""
    parts: dict[tuple[str, str], str] = {}
    for field, value in runtime.items():
        if value in (None, False, "", [], {}) or field in _OF_THE_BUILD:
            continue
        parts.update({(field, name): text for name, text in _values(field, value)})
    return parts


def _values(field: str, value: Any) -> Iterator[tuple[str, str]]:
    if field == "Env" and isinstance(value, list):
        for item in value:
            name, _, text = str(item).partition("=")
            yield name, text
    elif isinstance(value, dict) and field != "Healthcheck":
        for name, item in value.items():
            yield str(name), item if isinstance(item, str) else "" if item in ({}, None) else _encoded(item)
    else:
        yield "", value if isinstance(value, str) else _encoded(value)


def _encoded(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _told(name: str, value: str | None) -> str | None:
    """A value as it may be shown."""
    if value is None:
        return None
    if names_secret(name, value):
        return "…"
    return _text(redacted(value))


def _text(value: str | None) -> str | None:
    return None if value is None else shown(value)
