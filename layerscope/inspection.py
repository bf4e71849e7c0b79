"""A reference to everything layerscope knows of the image behind it: the pipeline, and the Python API."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from layerscope.config import Options
from layerscope.errors import ImageError, UsageError
from layerscope.extensions import Opened, Profile, ScanOptions
from layerscope.finding import find_source
from layerscope.loading import load
from layerscope.model.changeset import Changeset
from layerscope.model.diagnostic import Diagnostic
from layerscope.model.image import Image, Verified
from layerscope.oci.layer import check_layer
from layerscope.oci.reading import read_image
from layerscope.union.analysis import Analysis, analyze

if TYPE_CHECKING:  # most runs look at no content
    from layerscope.advice.suggest import Advice, Ignored
    from layerscope.base_image import BaseImage
    from layerscope.content import Content
    from layerscope.dockerfile.beside import Beside
    from layerscope.dockerfile.parse import Dockerfile
    from layerscope.model.ignore import Ignore
    from layerscope.model.suggestion import Suggestion
    from layerscope.packages.found import Packages
    from layerscope.packages.present import Present

DEFAULT_PROBES = (
    *("apk", "dpkg", "elf", "jars", "node-packages", "os-release", "python-packages", "rpm", "rpm-reasons"),
    *("secrets", "shebang", "loader-paths"),
)


class Inspection(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What every front end receives; none of them opens a source.

    ``changesets`` has one for each layer, an empty one where the layer is missing; ``verified``
    says how far each layer's bytes were checked. ``with_facts`` is `Options.facts`: suggestions and
    packages can be asked for. ``measured`` is `Options.measured`. ``opened_content`` is there within
    `inspecting`. ``beside`` is the Dockerfile that the image was built from, where it was named or found;
    suggestions are of rules that fit the ``profile``, without those that ``ignores`` hide.
    """

    image: Image
    changesets: tuple[Changeset, ...]
    verified: tuple[Verified, ...]
    analysis: Analysis
    with_facts: bool = True
    measured: bool = False
    opened_content: Content | None = None
    beside: Beside | None = None
    profile: Profile = "runtime"
    ignores: tuple[Ignore, ...] = ()
    assume: tuple[str, ...] = ()

    @property
    def content(self) -> Content:
        """The contents of the files; the image must have been opened with `inspecting`."""
        assert self.opened_content is not None, "only within inspecting() is there any content"
        return self.opened_content

    @cached_property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """What could be smaller, what saves most first; the rules run when this is first asked for."""
        return self._advice.suggestions

    @cached_property
    def fixes(self) -> tuple[Suggestion, ...]:
        """The suggestions; of an image read without facts those about wasted bytes, which need none."""
        if self.with_facts:
            return self.suggestions
        from layerscope.advice.suggest import advise

        return advise(
            self.image,
            self.changesets,
            self.analysis,
            profile=self.profile,
            rules=load("waste_rule").values(),
            ignores=self.ignores,
            beside=self.beside,
        ).suggestions

    @cached_property
    def ignored_suggestions(self) -> tuple[Ignored, ...]:
        """The suggestions that `Options.ignores` hide, each with what hides it."""
        return self._advice.ignored

    @cached_property
    def _advice(self) -> Advice:
        from layerscope.advice.suggest import advise

        assert self.with_facts, "read without facts, it would miss secrets"

        return advise(
            self.image,
            self.changesets,
            self.analysis,
            present=self.present,
            profile=self.profile,
            ignores=self.ignores,
            beside=self.beside,
        )

    @cached_property
    def present(self) -> Present:
        """The merged filesystem as package databases speak of it, which are read once for all who ask."""
        from layerscope.packages.present import Present

        assert self.with_facts, "read without facts, there are no packages"

        return Present(self.analysis.index, self.changesets)

    @cached_property
    def packages(self) -> Packages:
        """Which package each visible byte belongs to; found when first asked for."""
        from layerscope.packages.view import find_packages

        return find_packages(self.present)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All remarks: on the image, on single layers, on the stack."""
        found = list(self.image.diagnostics)
        for number, changeset in enumerate(self.changesets):
            found += [msgspec.structs.replace(remark, layer=number) for remark in changeset.diagnostics]
        return found + list(self.analysis.index.diagnostics)


def inspect(reference: str, options: Options | None = None) -> Inspection:
    """Open an image, read its layers once, stack them and account for them.

    Raises UsageError, SourceError or ImageError. A missing layer is no error: the image is then
    not ``complete``.
    """
    options = options or Options()
    base, dockerfile = _base_of(options), _dockerfile_of(options)
    source, name = find_source(reference, options.access)
    scan = _scan_options(options)
    with _paused_collector(), source.open(name, options.access, scan) as opened:
        return _inspected(opened, options, base, dockerfile)


@contextmanager
def inspecting(reference: str, options: Options | None = None) -> Iterator[Inspection]:
    """The same with the image kept open, so that there is `Inspection.content`.

    What passes only once is kept in a temporary folder meanwhile; raises WriteError too.
    """
    from layerscope.content import Content
    from layerscope.content.temporary import Temporary

    options = options or Options()
    base, dockerfile = _base_of(options), _dockerfile_of(options)
    with ExitStack() as stack:
        temporary = stack.enter_context(closing(Temporary()))
        source, name = find_source(reference, options.access)
        scan = msgspec.structs.replace(_scan_options(options), keeper=temporary)
        with _paused_collector():
            opened = stack.enter_context(source.open(name, options.access, scan))
            inspection = _inspected(opened, options, base, dockerfile)
        content = Content(opened, inspection.changesets, temporary, options.progress)
        stack.enter_context(closing(content))
        held = stack.pop_all()
    # Not inside: a source would take an error of whoever looks at the image for one of its own.
    try:
        yield msgspec.structs.replace(inspection, opened_content=content)
    finally:
        held.close()


def _scan_options(options: Options) -> ScanOptions:
    facts = DEFAULT_PROBES if options.facts else ()
    return ScanOptions(
        probes=(*facts, *(("sha256",) if options.content_sha256 else ())),
        verify=options.verify,
        max_unpacked_bytes=options.max_unpacked_bytes,
        progress=options.progress,
    )


def _inspected(
    opened: Opened, options: Options, base: BaseImage | None, dockerfile: Dockerfile | None
) -> Inspection:
    image = _with_base(opened.image, _seam(opened.image, base, options))
    beside = _beside(dockerfile, image, options)
    if beside is not None and image.base_layers is None and not options.dockerfile_is_guess:
        image = _with_base(image, beside.base_layers)
    changesets = read_image(opened, options)
    verified = [check_layer(*pair) for pair in zip(image.layers, changesets, strict=True)]
    return Inspection(
        image=image,
        changesets=tuple(changesets),
        verified=tuple(verified),
        with_facts=options.facts,
        measured=options.measured,
        analysis=analyze(image, changesets),
        beside=beside,
        profile=options.profile,
        ignores=options.ignores,
        assume=options.assume,
    )


def _base_of(options: Options) -> BaseImage | None:
    if options.base is None:
        return None
    from layerscope.base_image import base_of

    return base_of(options)


def _seam(image: Image, base: BaseImage | None, options: Options) -> int | None:
    if base is None:
        return options.base_layers
    from layerscope.base_image import seam_between

    return seam_between(image, base, options.access)


def _dockerfile_of(options: Options) -> Dockerfile | None:
    """A guess serves the suggestions alone: no verdict depends on what lies in the current folder."""
    if options.dockerfile is None or (options.dockerfile_is_guess and not options.facts):
        return None
    from layerscope.dockerfile.beside import read_named

    return read_named(options)


def _beside(dockerfile: Dockerfile | None, image: Image, options: Options) -> Beside | None:
    if dockerfile is None:
        return None
    from layerscope.dockerfile.beside import lay_beside

    return lay_beside(dockerfile, image, options)


def _with_base(image: Image, base_layers: int | None) -> Image:
    if base_layers is None:
        return image
    if not 0 <= base_layers <= len(image.layers):
        raise UsageError(f"--base-layers {base_layers}: the image has {len(image.layers)} layers")
    return msgspec.structs.replace(image, base_layers=base_layers)


@contextmanager
def _paused_collector() -> Iterator[None]:
    """Garbage collection looks at every entry again and again and finds nothing: entries hold no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


__all__ = ["ImageError", "Inspection", "Options", "inspect", "inspecting"]
