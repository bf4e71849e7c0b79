"""Where an image is, when its reference does not say: a file, the engines in their order, a registry."""

from __future__ import annotations

import re
from difflib import get_close_matches

from layerscope.errors import EngineUnreachable, ImageNotFound, SourceError, UsageError
from layerscope.extensions import Access, Source, load
from layerscope.model.reference import may_be_id, parse_image_name

REGISTRY = "registry"
_LIKE_A_FILE = re.compile(r"[./~].*|.*\.(?:tar|tar\.[a-z0-9]+|tgz|tzst)", re.DOTALL)
_UNKNOWN_SCHEME = re.compile(r"([a-z][a-z-]*):(?://.*|.*[:/].*)")
_NEAR = 3


def find_source(reference: str, access: Access | None = None) -> tuple[Source, str]:
    """The source that a reference means, and the name within it.

    Raises UsageError where the reference cannot be understood, SourceError where no source has
    the image and none can fetch it.
    """
    access = access or Access()
    sources: dict[str, Source] = load("source")
    scheme, colon, rest = reference.partition(":")
    if colon and scheme in sources:
        return sources[scheme], rest.removeprefix("//") if sources[scheme].rank else rest
    for source in sources.values():
        if source.claims(reference):
            return source, reference
    _check_name(reference, sources)
    return _Search(reference, sources, access).run()


def _check_name(reference: str, sources: dict[str, Source]) -> None:
    """Raise where a reference can be no name that an engine or a registry would know."""
    if _LIKE_A_FILE.fullmatch(reference) or not reference:
        raise ImageNotFound(
            f"{reference}: no such file or folder",
            hint="give an image's name, an archive, the folder of an OCI layout, or - for standard input",
        )
    if may_be_id(reference):
        return
    try:
        parse_image_name(reference)
    except UsageError as error:
        scheme = _UNKNOWN_SCHEME.fullmatch(reference)
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
        fetching = self._access.pull
        if found is not None and fetching != "always":
            return self._chosen(found, "the engine has it")
        if found is None and (fetching == "never" or _only_id(self._reference)):
            raise self._not_found()
        if puller := found or next(iter(self._reachable), None):
            return self._chosen(puller, "the engine pulls it")
        if self._registry is None:
            raise self._not_found()
        return self._chosen(self._registry, "no engine can be reached")

    def _holder(self) -> Source | None:
        for engine in self._engines:
            assert engine.has is not None
            try:
                if engine.has(self._reference, self._access):
                    return engine
                self._reachable.append(engine)
            except EngineUnreachable as error:
                self._unreachable.append(error)
        return None

    def _chosen(self, source: Source, why: str) -> tuple[Source, str]:
        self._access.notice(f"{source.id}:{self._reference}: {why}")
        return source, self._reference

    def _not_found(self) -> SourceError:
        near = near_names(self._reference, self._reachable)
        if near:
            hint = "did you mean " + " or ".join(near) + "?"
        elif self._reachable:
            hint = "asked: " + ", ".join(engine.id for engine in self._reachable)
        else:
            hint = "no engine can be reached; layerscope doctor says why"
        return ImageNotFound(f"{self._reference}: no such image", hint=hint)


def near_names(name: str, engines: list[Source]) -> list[str]:
    """Names of images that engines hold and that are nearly this one."""
    known: dict[str, str] = {}
    for engine in engines:
        try:
            for image in engine.images() if engine.images is not None else []:
                known |= {
                    spelling: image_name for image_name in image.names for spelling in _spellings(image_name)
                }
        except SourceError:
            continue
    close = get_close_matches(name, known, n=2 * _NEAR, cutoff=0.6)
    return list(dict.fromkeys(known[spelling] for spelling in close))[:_NEAR]


def _spellings(name: str) -> list[str]:
    """A name, and without its tag, which people leave out."""
    return [name, name.rpartition(":")[0] or name]


def _only_id(reference: str) -> bool:
    """Whether a reference cannot be a name: an ID with its algorithm, as no registry knows it."""
    return reference.startswith("sha256:")
