"""Which image of an archive or layout is meant, where it holds several."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from layerscope.errors import (
    AmbiguousImage,
    ImageError,
    ImageNotFound,
    NotAnImage,
    PlatformNotFound,
)
from layerscope.model.digest import Digest
from layerscope.model.image import Image
from layerscope.model.platform import Platform, own_platform

_SHOWN = 30
_SHORT_ID = 12


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One manifest that might be the image asked for.

    ``group`` is what it stands under in the archive: several of one group are the same image for
    several platforms. ``excluded`` says why it is no runnable image, ``error`` why it cannot be
    read: its manifest is damaged, or not in the archive.
    """

    names: tuple[str, ...]
    digests: tuple[Digest, ...]
    platform: Platform | None
    group: str
    build: Callable[[str], Image]
    excluded: str | None = None
    error: ImageError | None = None

    @property
    def title(self) -> str:
        """How it is named in messages."""
        name = ", ".join(self.names) or (self.digests[0] if self.digests else "(no name)")
        return f"{name}  {self.platform}" if self.platform else name


def choose(
    candidates: list[Candidate], where: str, wanted: str | None, platform: Platform | None
) -> Candidate:
    """The one that the reference and the platform name.

    Raises ImageNotFound, PlatformNotFound, AmbiguousImage or ImageError.
    """
    named = named_by(candidates, where, wanted)
    images = [item for item in named if item.excluded is None]
    if not images:
        reasons = sorted({item.excluded for item in named if item.excluded})
        raise NotAnImage(f"{where}: no runnable image: {'; '.join(reasons)}")
    readable = [item for item in images if item.error is None]
    if not readable and images[0].error is not None:
        raise images[0].error
    return _by_platform(_distinct(readable), where, platform)


def named_by(candidates: list[Candidate], where: str, wanted: str | None) -> list[Candidate]:
    """Those that a reference may mean, all where it says nothing; raises ImageNotFound."""
    named = [item for item in candidates if _is_named(item, wanted)] if wanted else candidates
    if not named:
        raise ImageNotFound(f"{where}: no image {wanted!r}", hint=_listing("it holds", candidates))
    return named


def only_image(named: list[Candidate], where: str) -> list[Candidate]:
    """The manifests of one image, whatever their platforms; raises AmbiguousImage where there are others."""
    images = _distinct([item for item in named if item.excluded is None])
    if len({item.group for item in images}) > 1:
        _only(images, where)
    return _distinct(named)


def _by_platform(present: list[Candidate], where: str, platform: Platform | None) -> Candidate:
    if platform is not None:
        fitting = [item for item in present if item.platform is not None and item.platform.matches(platform)]
        if not fitting:
            raise PlatformNotFound(f"{where}: no image for {platform}", hint=_listing("it holds", present))
        return _only(fitting, where)
    if len(present) == 1:
        return present[0]
    if len({item.group for item in present}) > 1:
        return _only(present, where)
    own = own_platform()
    fitting = [item for item in present if item.platform is not None and item.platform.matches(own)]
    if not fitting:
        raise PlatformNotFound(
            f"{where}: several platforms, but not this machine's ({own})",
            hint=_listing("choose one with --platform:", present),
        )
    return _only(fitting, where)


def _only(fitting: list[Candidate], where: str) -> Candidate:
    # Several manifests for one platform: an index means its first, a bare list does not say.
    if len({item.group for item in fitting}) > 1 or (len(fitting) > 1 and not fitting[0].group):
        raise AmbiguousImage(
            f"{where} holds {len(fitting)} images",
            hint=_listing(f"choose one as {where}:NAME:TAG or {where}@DIGEST:", fitting),
        )
    return fitting[0]


def _distinct(items: list[Candidate]) -> list[Candidate]:
    """One candidate for each manifest, whatever the number of names it stands under."""
    known: dict[str, Candidate] = {}
    for item in items:
        key = item.digests[0] if item.digests else item.title
        if key in known:
            names = tuple(dict.fromkeys((*known[key].names, *item.names)))
            known[key] = msgspec.structs.replace(known[key], names=names)
        else:
            known[key] = item
    return list(known.values())


def _is_named(item: Candidate, wanted: str) -> bool:
    """Whether a name, a digest or the beginning of one (twelve digits, as engines show) means it."""
    digits = wanted.removeprefix("@").removeprefix("sha256:").removeprefix("sha512:")
    if (
        digits
        and (digits != wanted or len(digits) >= _SHORT_ID)
        and any(known.partition(":")[2].startswith(digits) for known in item.digests)
    ):
        return True
    wishes = {_plain(wanted), _plain(f"{wanted}:latest")}
    return any(_plain(name) in wishes for name in item.names)


def _plain(name: str) -> str:
    """A name without the host and path that Docker supplies, and without podman's."""
    for prefix in ("docker.io/library/", "docker.io/", "index.docker.io/library/", "localhost/"):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def _listing(lead: str, items: Iterable[Candidate]) -> str:
    titles = [item.title for item in items]
    more = [f"… and {len(titles) - _SHOWN} more"] if len(titles) > _SHOWN else []
    return "\n  ".join([lead, *titles[:_SHOWN], *more])
