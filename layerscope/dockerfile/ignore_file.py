"""Lines of a .dockerignore: made of paths, and added to a file that is there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_SPECIAL = re.compile(r"[*?\[\]\\]")
_MANY = 3
_ANYWHERE = frozenset(
    (".DS_Store", "Thumbs.db", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache")
)
"""What no build ever needs, wherever it lies."""


def line_of(path: str) -> str | None:
    """The line that keeps a path of the context out; None where none can."""
    if path != path.strip() or any(ord(sign) < 32 or 0xD800 <= ord(sign) < 0xE000 for sign in path):
        return None
    line = _SPECIAL.sub(lambda sign: f"\\{sign[0]}", path)
    return f"\\{line}" if line[:1] in ("#", "!") else line


def shortened(paths: Iterable[str]) -> list[str]:
    """Paths without those below others; a name that is of no use anywhere once for all, as ``**/name``."""
    paths = sorted(set(paths))
    names = Counter(path.rpartition("/")[2] for path in paths)
    anywhere = {name for name, count in names.items() if count >= _MANY and name in _ANYWHERE}
    kept: list[str] = []
    for path in paths:
        if path.rpartition("/")[2] in anywhere:
            continue
        if not any(path.startswith(f"{above}/") for above in kept):
            kept.append(path)
    return [*sorted(f"**/{name}" for name in anywhere), *kept]


def missing(lines: Iterable[str], existing: str) -> list[str]:
    """The lines that a file does not have yet, and does not take back with a ``!``."""
    there = {_plain(line) for line in existing.splitlines()}
    return [line for line in lines if not {_plain(line), f"!{_plain(line)}"} & there]


def _plain(line: str) -> str:
    line = line.strip()
    mark, rest = ("!", line[1:].strip()) if line.startswith("!") else ("", line)
    return mark + rest.removeprefix("./").removeprefix("/").rstrip("/")


def joined(existing: str, lines: Iterable[str]) -> str:
    """A file with further lines behind those that it has."""
    new = "".join(f"{line}\n" for line in lines)
    return existing + ("\n" if existing and not existing.endswith("\n") else "") + new
