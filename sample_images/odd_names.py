"""The layer of `odd.tar` that is all about names: how a path is spelled, and of which bytes."""

from collections.abc import Iterator
from typing import Final

from sample_images.filler import prose
from sample_images.layer_tar import NANOSECONDS, Dialect, Member

NAMES_TIME_S: Final = 1_718_445_780  # 2024-06-15T10:03:00Z
DEEP_LEVELS: Final = 60
_LONG_STEM: Final = "a-name-that-goes-on-and-on-"
_NAMES: Final = (
    "names/caf\udce9-in-latin-1",
    "names/café-in-utf-8",
    "names/two\nlines",
    "names/\x1b[31mred\x1b[0m",
    "names/back\\slash",
    "names/blank at the end ",
    "names/colon:and|pipe",
    "names/.hidden",
    # Ends where a fixed-width field ends: 100 bytes, no NUL behind it.
    "names/" + "x" * 94,
)


def spelling_members() -> Iterator[Member]:
    """Yield paths in spellings that all mean something below ``spelling/`` or ``implied/``."""
    yield _folder("spelling")
    for name in (
        "./spelling/dot-slash",
        "/spelling/absolute",
        "spelling//double-slash",
        "spelling/./dot-inside",
        # No entry anywhere for the three folders above this one.
        "implied/by/this/file",
    ):
        yield _file(name)


def name_members() -> Iterator[Member]:
    """Yield names whose bytes are the point, and names too long for a plain header."""
    yield _folder("names")
    for name in _NAMES:
        yield _file(name)
    yield _file(_long("names/prefix", 180))
    yield _file(_long("names/gnu", 300), "gnu")
    yield _file(_long("names/pax", 400), "pax")
    for dialect in ("gnu", "pax"):
        yield Member(
            name=f"names/long-target-{dialect}",
            kind="symlink",
            mode=0o777,
            target=_long("absent", 150),
            dialect="gnu" if dialect == "gnu" else "pax",
            mtime_ns=NAMES_TIME_S * NANOSECONDS,
        )


def deep_members() -> Iterator[Member]:
    """Yield a folder in a folder in a folder, and a file at the bottom."""
    path = "deep"
    yield _folder(path)
    for level in range(1, DEEP_LEVELS + 1):
        path += f"/{level:02d}"
        yield _folder(path)
    yield _file(f"{path}/bottom")


def _long(folder: str, length: int) -> str:
    """Return a path of exactly this many bytes, in steps of at most 80."""
    path = folder
    while len(path) < length:
        step = _LONG_STEM * 3
        path += "/" + step[: min(80, length - len(path) - 1)]
    return path


def _folder(name: str) -> Member:
    return Member(name=name, kind="dir", mode=0o755, mtime_ns=NAMES_TIME_S * NANOSECONDS)


def _file(name: str, dialect: Dialect = "pax") -> Member:
    size_bytes = 64 + 8 * (len(name) % 50)
    return Member(
        name=name,
        content=prose(ascii(name), size_bytes)[:size_bytes],
        mtime_ns=NAMES_TIME_S * NANOSECONDS,
        dialect=dialect,
    )
