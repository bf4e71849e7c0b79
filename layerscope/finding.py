"""Where an image is, when its reference does not say: a file, the engines in their order, a registry."""

from __future__ import annotations

import os
import re
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from layerscope.errors import AccessDenied, ImageNotFound, SourceError, UsageError
from layerscope.extensions import Access, Source
from layerscope.loading import load, load_named

if TYPE_CHECKING:  # an archive is found without them
    from layerscope.model.local_image import LocalImage

REGISTRY = "registry"
_OF_FILES = "oci-archive"
"""The source that claims a file, whatever archive it is."""
_LIKE_A_FILE = r"(?s:[./~].*|.*\.(?:tar|tar\.[a-z0-9]+|tgz|tzst))"
_UNKNOWN_SCHEME = r"([a-z][a-z-]*):(?://.*|.*[:/].*)"
_FULL_ID = r"(?:sha256:[0-9a-f]+|[0-9a-f]{64})"


def find_source(reference: str, access: Access | None = None) -> tuple[Source, str]:
    """The source that a reference means, and the name within it.

    Raises UsageError where the reference cannot be understood, SourceError where no source has
    the image and none can fetch it.
    """
    access = access or Access()
    scheme, colon, rest = reference.partition(":")
    if not colon and os.path.isfile(reference):  # noqa: PTH113 - what a scheme would be asked before is settled
        return load_named("source", _OF_FILES), reference  # and no other source need be loaded
    sources: dict[str, Source] = load("source")
    if colon and scheme in sources:
        return sources[scheme], rest.removeprefix("//") if sources[scheme].rank else rest
    for source in sources.values():
        if source.claims(reference):
            return source, reference
    _check_name(reference, sources)
    return _Search(reference, sources, access).run()


def _check_name(reference: str, sources: dict[str, Source]) -> None:
    """Raise where a reference can be no name that an engine or a registry would know."""
    if re.fullmatch(_LIKE_A_FILE, reference) or not reference:
        raise ImageNotFound(
            f"{reference}: no such file or folder",
            hint="give an image's name, an archive, the folder of an OCI layout, or - for standard input",
        )
    from layerscope.model.reference import may_be_id, parse_image_name

    if may_be_id(reference):
        return
    try:
        parse_image_name(reference)
    except UsageError as error:
        scheme = re.fullmatch(_UNKNOWN_SCHEME, reference)
        if scheme is None:
            raise
        known = ", ".join(f"{name}:" for name in sources if name != "-")
        raise UsageError(error.message, hint=f"the schemes are {known}") from None


class _Search:
    """The way from one engine to the next."""

    def __init__(self, reference: str, sources: dict[str, Source], access: Access) -> None:
        self._reference = reference
        self._engines = sorted((s for s in sources.values() if s.has), key=lambda source: source.rank)
        self._registry = sources.get(REGISTRY)
        self._access = access
        self._reachable: list[Source] = []
        self._unreachable: list[SourceError] = []

    def run(self) -> tuple[Source, str]:
        """The engine that has the image, else what is to fetch it."""
        found = self._holder()
        if found is not None and (self._access.pull != "always" or _only_id(self._reference)):
            return self._chosen(found, "the engine has it")
        if found is None and self._access.pull == "never":
            if other := self._holder_of_another_platform():
                return self._chosen(other, "the engine has it for another platform")
            raise self._not_found()
        if found is None and _only_id(self._reference):
            raise self._not_found()
        if puller := found or next(iter(self._reachable), None):
            return self._chosen(puller, "the engine pulls it")
        if self._registry is None:
            raise self._not_found()
        return self._chosen(self._registry, "no engine can be reached")

    def _holder(self) -> Source | None:
        """The first engine that has the image; notes which others can be reached."""
        for engine in self._engines:
            assert engine.has is not None
            try:
                if engine.has(self._reference, self._access):
                    return engine
                self._reachable.append(engine)
            except SourceError as error:  # also one that may not be opened: the next one may be
                self._unreachable.append(error)
        return None

    def _holder_of_another_platform(self) -> Source | None:
        """The engine that can tell for which platforms the image is there."""
        if self._access.platform is None:
            return None
        any_platform = msgspec.structs.replace(self._access, platform=None)
        for engine in self._reachable:
            assert engine.has is not None
            try:
                if engine.has(self._reference, any_platform):
                    return engine
            except SourceError:
                continue
        return None

    def _chosen(self, source: Source, why: str) -> tuple[Source, str]:
        self._access.notice(f"{source.id}:{self._reference}: {why}")
        return source, self._reference

    def _not_found(self) -> SourceError:
        from layerscope.engines.near_names import did_you_mean

        images = chain.from_iterable(_images_of(engine) for engine in self._reachable)
        hint = did_you_mean(self._reference, images)
        if hint is None and self._reachable:
            hint = "asked: " + ", ".join(engine.id for engine in self._reachable)
        denied = next((error for error in self._unreachable if isinstance(error, AccessDenied)), None)
        if denied is not None and hint is None:
            hint = f"{denied.message}; {denied.hint}"
        return ImageNotFound(
            f"{self._reference}: no such image",
            hint=hint or "no engine can be reached; layerscope doctor says why",
        )


def _images_of(engine: Source) -> list[LocalImage]:
    try:
        return engine.images() if engine.images is not None else []
    except SourceError:
        return []


def _only_id(reference: str) -> bool:
    """Whether a reference cannot be a name: an ID, as no registry knows it."""
    return re.fullmatch(_FULL_ID, reference) is not None
