"""``.layerscope.toml`` or ``[tool.layerscope]``: what a project says once, checked as strictly as options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from layerscope.cli.configured import PROJECT_FILE
from layerscope.cli.ignore_tables import IGNORE, read_ignores
from layerscope.errors import LayerscopeError, UsageError
from layerscope.extensions import Gate
from layerscope.loading import load
from layerscope.model.names import shown

SETTINGS = (
    *("assume", "base", "baseline", "base-layers", "dive-ci", "dockerfile", "exit-zero", "insecure"),
    *("max-unpacked", "platform", "profile", "pull", "quiet", "target", "verify"),
)
"""Options that may stand at the top of the file; the gates stand in [gates], [gates.warn], what is not to be
told in [[ignore]]."""

_FILES = ("baseline", "dive-ci", "dockerfile")
"""Named from where the settings lie, not from where somebody stands."""
_TABLE = ("tool", "layerscope")
_HEADING = r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?"
_KEY = r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*="


def read_settings(path: str, options: Sequence[click.Option]) -> dict[str, Any]:
    """What a file sets, as click has its defaults; raises UsageError that names the line."""
    text, document = _read(path)
    in_project = Path(path).name == PROJECT_FILE
    lines = _Lines(path, text, _TABLE if in_project else ())
    table: Any = document
    for part in _TABLE if in_project else ():
        table = table.get(part, {}) if isinstance(table, dict) else {}
    known = {option.opts[0].removeprefix("--"): option for option in options}
    settings: dict[str, Any] = {}
    for key, value in _mapping(table, lines, ()).items():
        if key == "gates":
            settings |= _gates(_mapping(value, lines, (key,)), known, lines)
            continue
        if key == IGNORE:
            settings[IGNORE] = tuple(read_ignores(value, lines.of(key)))
            continue
        if key not in SETTINGS:
            names = [*SETTINGS, "gates", IGNORE]
            hint = "gates stand below [gates]" if key in load("gate") else _near(key, names)
            raise UsageError(f"{lines.of(key)}: {shown(key)}: no such setting", hint=hint)
        if key in known:  # not every command has every option
            checked = _checked(known[key], value, lines.of(key))
            settings[_name(known[key])] = _placed(path, key, checked)
    return settings


def _read(path: str) -> tuple[str, dict[str, Any]]:
    import msgspec

    try:
        text = Path(path).read_text("utf-8")
        document = msgspec.toml.decode(text)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeError) as error:
        line = re.search(r"line (\d+)", str(error))
        raise UsageError(f"{path}:{line[1]}: {error}" if line else f"{path}: {error}") from None
    assert isinstance(document, dict)
    return text, document


def _gates(table: Mapping[str, Any], known: Mapping[str, click.Option], lines: _Lines) -> dict[str, Any]:
    """The table [gates] and the one in it, [gates.warn]; of gates that a command lacks, the names."""
    gates: dict[str, Gate] = load("gate")
    settings: dict[str, Any] = {}
    for key, value in table.items():
        if key == "warn":
            warnings = _mapping(value, lines, ("gates", key))
            if key in known:
                settings[key] = tuple(_warnings(warnings, gates, known[key], lines))
        elif key in gates:
            if key in known:
                settings[_name(known[key])] = _checked(known[key], value, lines.of("gates", key))
        else:
            raise UsageError(
                f"{lines.of('gates', key)}: {shown(key)}: no such gate", hint=_near(key, [*gates, "warn"])
            )
    return settings


def _warnings(
    table: Mapping[str, Any], gates: Mapping[str, Gate], option: click.Option, lines: _Lines
) -> Iterator[str]:
    """The limits to warn at, as the option has them."""
    for key, value in table.items():
        where = lines.of("gates", "warn", key)
        if key not in gates:
            raise UsageError(f"{where}: {shown(key)}: no such gate", hint=_near(key, list(gates)))
        if not gates[key].metavar:
            if _flag(value, where, key):
                yield key
            continue
        for one in value if isinstance(value, list) and gates[key].repeated else [value]:
            said = f"{key}={_text(one, where, key)}"
            _try(option, said, where, key)
            yield said


def _checked(option: click.Option, value: Any, where: str) -> Any:
    """A value as click takes it from a file; raises UsageError where the option would not take it."""
    key = option.opts[0].removeprefix("--")
    if option.is_flag:
        return _flag(value, where, key)
    if option.multiple:
        texts = [_text(one, where, key) for one in (value if isinstance(value, list) else [value])]
        for text in texts:
            _try(option, text, where, key)
        return texts
    text = _text(value, where, key)
    _try(option, text, where, key)
    return text


def _placed(path: str, key: str, value: Any) -> Any:
    """A file's name as seen from where somebody stands; a baseline may be an image instead."""
    if key not in _FILES:
        return value
    beside = Path(path).parent / value
    return value if key == "baseline" and not beside.exists() else str(beside)


def _try(option: click.Option, text: str, where: str, key: str) -> None:
    try:
        option.type.convert(text, option, None)
    except (click.ClickException, LayerscopeError) as error:
        message = error.message if isinstance(error, LayerscopeError) else error.format_message()
        raise UsageError(f"{where}: {key}: {message.partition(': ')[2] or message}") from None


def _flag(value: Any, where: str, key: str) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{where}: {key}: expected true or false")
    return value


def _text(value: Any, where: str, key: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(f"{where}: {key}: expected one value, in quotes where it is no plain number")
    return str(value)


def _mapping(value: Any, lines: _Lines, path: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{lines.of(*path)}: {'.'.join(path)}: has to be a table")
    return value


def _near(key: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"


def _name(option: click.Option) -> str:
    assert option.name is not None
    return option.name


class _Lines:
    """The line that each key stands on, by a look at the text: the reader of TOML does not tell."""

    def __init__(self, path: str, text: str, above: tuple[str, ...]) -> None:
        self._path = path
        self._above = above
        self._found: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(text.splitlines(), 1):
            if heading := re.fullmatch(_HEADING, line):
                table = _parts(heading[1])
                for length in range(1, len(table) + 1):
                    self._found.setdefault(table[:length], number)
            elif key := re.match(_KEY, line):
                parts = (*table, *_parts(key[1]))
                for length in range(len(table) + 1, len(parts) + 1):
                    self._found.setdefault(parts[:length], number)

    def of(self, *key: str) -> str:
        """The file, and the line where it is known: that of the key, or of the table around it."""
        place = (*self._above, *key)
        while place:
            if place in self._found:
                return f"{self._path}:{self._found[place]}"
            place = place[:-1]
        return self._path


def _parts(dotted: str) -> tuple[str, ...]:
    """The names of a dotted key, each of them with its quotes and escapes resolved."""
    import msgspec

    try:
        rest: Any = msgspec.toml.decode(f"{dotted} = 0")
    except (msgspec.MsgspecError, UnicodeError):
        return (dotted,)  # within a text of several lines
    names = []
    while isinstance(rest, dict):
        name, rest = next(iter(rest.items()))
        names.append(name)
    return tuple(names)
