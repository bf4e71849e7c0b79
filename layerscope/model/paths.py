"""Paths inside an image."""

from __future__ import annotations


def normalise(name: str) -> str:
    """The path without leading slash, empty, ``.`` and ``..`` parts; never above the root.

    Purely lexical, as engines do it before they look at the filesystem; the root is ``""``.
    """
    path = name.removeprefix("./").strip("/")
    if path[:1] != "." and "//" not in name and ("/." not in path or not _leads_elsewhere(path)):
        return path
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _leads_elsewhere(path: str) -> bool:
    """Whether a part after the first is ``.`` or ``..``."""
    return "/./" in path or "/../" in path or path.endswith(("/.", "/.."))


def leaves_root(name: str) -> bool:
    """Whether a name has more ``..`` than directories to go up from."""
    depth = 0
    for part in name.split("/"):
        if part == "..":
            depth -= 1
            if depth < 0:
                return True
        elif part not in ("", "."):
            depth += 1
    return False
