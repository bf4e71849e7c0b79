"""The lists of images that ``ctr`` and ``nerdctl`` print, and which of their lines a name means."""

from __future__ import annotations

import json

import msgspec

from layerscope.errors import SourceError, UsageError
from layerscope.model.digest import is_digest
from layerscope.model.platform import Platform, parse_platform
from layerscope.model.reference import may_be_id, parse_image_name

_COLUMNS = 6


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a list: a name, what it points at, and for which platforms it is there."""

    namespace: str
    name: str
    digest: str
    platforms: tuple[Platform, ...]


def ctr_rows(text: str, namespace: str) -> list[Row]:
    """The lines of ``ctr images ls``; columns are apart by blanks; a size that is known has one inside."""
    rows = []
    for line in text.splitlines()[1:]:
        columns = line.split()
        if len(columns) < _COLUMNS:
            continue
        name, digest = columns[0], columns[2]
        platforms = columns[4] if columns[3] == "-" else columns[5]
        if is_digest(digest):
            rows.append(
                Row(
                    namespace=namespace,
                    name=name,
                    digest=digest,
                    platforms=_platforms(platforms),
                )
            )
    return rows


def nerdctl_rows(output: bytes, namespace: str) -> list[Row]:
    """What ``nerdctl images`` lists, one JSON object a line; raises SourceError."""
    rows = []
    for line in output.splitlines():
        try:
            item = json.loads(line)
            repository, tag, digest = item["Repository"], item["Tag"], item["Digest"]
        except (ValueError, KeyError, TypeError):
            raise SourceError("nerdctl: its list of images cannot be read") from None
        if not is_digest(digest):
            continue
        named = repository and tag and "<none>" not in (repository, tag)
        rows.append(
            Row(
                namespace=namespace,
                name=item.get("Name") or (f"{repository}:{tag}" if named else digest),
                digest=digest,
                platforms=_platforms(item.get("Platform") or ""),
            )
        )
    return rows


def _platforms(listed: str) -> tuple[Platform, ...]:
    found = []
    for text in listed.split(","):
        try:
            found.append(parse_platform(text))
        except UsageError:
            continue
    return tuple(platform for platform in found if platform.os != "unknown")


def means(row: Row, name: str) -> bool:
    """Whether a line is the image: by its name as it stands or spelt out, by its digest, by CRI's ID name."""
    if row.name == name:
        return True
    if may_be_id(name):
        digits = name.removeprefix("sha256:")
        ids = [row.digest, *([row.name] if not is_name(row.name) else [])]
        if any(known.removeprefix("sha256:").startswith(digits) for known in ids):
            return True
        if digits != name:
            return False
    wanted = parse_image_name(name)
    if wanted.digest is not None:
        return row.digest == wanted.digest and _repository(row.name) == f"{wanted.host}/{wanted.repository}"
    return is_name(row.name) and row.name in (str(wanted), wanted.familiar)


def _repository(name: str) -> str:
    try:
        parsed = parse_image_name(name)
    except UsageError:
        return name
    return f"{parsed.host}/{parsed.repository}"


def is_name(name: str) -> bool:
    """Whether a line's name is an image's and not the ID or the digest that CRI lists beside it."""
    return not name.startswith("sha256:") and "@" not in name


def familiar(name: str) -> str:
    """A name as people write it."""
    try:
        return parse_image_name(name).familiar
    except UsageError:
        return name
