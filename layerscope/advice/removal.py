"""The command that deletes what a rule found: path by path, by globs where they are many, or by find."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Sequence
from functools import cache

from layerscope.advice.fixing import absolute

_MOST_WORDS = 8
_MANY = 3


def removal(cleanup: str, roots: Sequence[str], patterns: Sequence[str] = ()) -> str | None:
    """A cleanup with what was found in the place of ``{paths}``; None where it would not be all of it.

    ``patterns`` are those that found it; none where a name alone does not tell what is to go.
    """
    if "{paths}" not in cleanup:
        return cleanup
    words = _words(roots, patterns)
    if len(words) <= _MOST_WORDS:
        return cleanup.format(paths=" ".join(words))
    return _found(roots, patterns) if cleanup.startswith("rm ") else None


def _words(roots: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """The paths as a shell takes them; where a pattern is a glob of many of them, the glob."""
    globs = [one for one in patterns if one.startswith("/") and "*" in one and "**" not in one]
    groups: dict[str, list[str]] = {}
    for root in roots:
        path = absolute(root)
        glob = next((one.rstrip("/") for one in globs if _pattern(one).fullmatch(root)), path)
        groups.setdefault(glob, []).append(path)
    return [word for glob, paths in groups.items() for word in ([glob] if len(paths) >= _MANY else paths)]


def _found(roots: Sequence[str], patterns: Sequence[str]) -> str | None:
    """``find`` below the folder that all are in; None where patterns do not tell them by a few names."""
    tests: dict[str, None] = {}
    for root in roots:
        pattern = next((one for one in patterns if _pattern(one).fullmatch(root)), None)
        if pattern is None:
            return None
        tests[_test(pattern)] = None
    if len(tests) > _MOST_WORDS:
        return None
    top = posixpath.commonpath([posixpath.dirname(f"/{root}") for root in roots])
    told = " -o ".join(tests)
    told = rf"\( {told} \)" if len(tests) > 1 else told
    # Not into /proc and /sys, which a RUN has as well.
    below = f"{shlex.quote(top)} -xdev" if top == "/" else shlex.quote(top)
    return f"find {below} {told} -prune -exec rm -rf {{}} +"


def _test(pattern: str) -> str:
    """How ``find`` knows what a pattern names."""
    parts = pattern.strip("/").split("/")
    if len(parts) == 1 or "**" in parts:
        return f"-name {shlex.quote(parts[-1])}"
    return f"-path {shlex.quote(('' if pattern.startswith('/') else '*') + '/' + '/'.join(parts))}"


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """The paths that a pattern names, as an expression."""
    text = re.escape(pattern.strip("/")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.compile(text if pattern.startswith("/") else f"(?:.*/)?{text}", re.DOTALL)
