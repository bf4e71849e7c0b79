"""What can be added to layerscope, each in one file of its own, and how it is found.

A file in ``sources/``, ``targets/``, ``probes/``, ``rules/``, ``gates/`` or ``reports/`` ends with
``SOURCE = Source(…)``, ``TARGET = Target(…)``, ``PROBE = Probe(…)``, ``RULE = Rule(…)``, ``GATE = Gate(…)``
or ``REPORT = Report(…)``; there is no list of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol

import msgspec

if TYPE_CHECKING:  # every run reads this file, not every one has a use for each of these
    from layerscope.model.changeset import Changeset
    from layerscope.model.digest import Digest
    from layerscope.model.image import Image, Layer
    from layerscope.model.local_image import LocalImage
    from layerscope.model.platform import Platform
    from layerscope.model.reference import ImageName
    from layerscope.model.suggestion import Claim, Priority


class Sink(Protocol):
    """Takes in one file's content, once, in order."""

    def feed(self, piece: memoryview) -> None:
        """Take the next bytes; the view is only valid during the call."""

    def feed_hole(self, length: int) -> None:
        """Take ``length`` zero bytes that are not stored."""

    def finish(self) -> Any:
        """The fact, in values that JSON knows."""


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """Looks into files while they stream by.

    ``paths`` are the files it wants to see, None for all of them; beside these it sees those whose
    path ends in a dot and one of ``tails``, those of one of these ``names`` in any directory, and those
    that begin with ``start``, if it is not empty.
    ``begin(path, stored_bytes)`` gives a sink with a bound on what it keeps; what it finishes with is
    the fact, None where there is none. ``version`` changes when its facts change.
    """

    id: str
    version: int
    paths: frozenset[str] | None
    begin: Callable[[str, int], Sink]
    tails: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    start: bytes = b""


class Progress(Protocol):
    """Is told of what is being read, from any thread; ``part`` is a layer or another blob."""

    def expect(self, total_bytes: int) -> None:
        """About so much will be read from now on, as stored; not told where nobody knows."""

    def begin(self, part: str, total_bytes: int | None) -> None:
        """A part is about to be read; its size as stored, None where nobody knows."""

    def advance(self, part: str, count: int) -> None:
        """Bytes of it have been read, as stored."""

    def end(self, part: str) -> None:
        """It has been read to its end."""


class Stored(Protocol):
    """A blob as it is stored, to be read once and closed; `contextlib.closing` serves."""

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes, none only at the end."""

    def close(self) -> None:
        """Let go of what is behind it."""


class Keeper(Protocol):
    """Keeps blobs of a stream that passes only once, as stored; see `layerscope.spool`."""

    def begin(self, name: str) -> BinaryIO:
        """A file to write a blob into; whoever asked for it closes it. Raises WriteError."""

    def open(self, name: str) -> Stored:
        """A blob that was kept whole."""


class ScanOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How layers are to be read.

    ``probes`` are ids. ``verify`` computes digests and diff IDs. ``max_unpacked_bytes`` bounds
    what one image's layers may unpack to; None is no bound. ``keeper`` keeps the blobs that could
    not be read a second time.
    """

    probes: tuple[str, ...] = ()
    verify: bool = False
    max_unpacked_bytes: int | None = None
    progress: Progress | None = None
    keeper: Keeper | None = None


PullPolicy = Literal["missing", "always", "never"]


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How an image is to be found and fetched.

    ``platform`` is strict where it is given. ``pull`` is when an engine has to fetch an image
    from its registry. ``insecure`` allows plain HTTP and certificates that nobody vouches for.
    ``notice`` is told what was chosen and what takes long, a line at a time.
    """

    platform: Platform | None = None
    pull: PullPolicy = "missing"
    insecure: bool = False
    notice: Callable[[str], None] = lambda line: None  # noqa: ARG005


class LayerJob(msgspec.Struct, frozen=True, kw_only=True):
    """A layer that lies in a file, described so that another process can read it.

    ``name`` is the blob's, ``where`` begins its error messages, ``algorithm`` is that of its digest.
    """

    name: str
    path: str
    offset: int
    size_bytes: int
    where: str
    algorithm: str
    probes: tuple[str, ...]
    verify: bool
    max_unpacked_bytes: int | None


class Opened(Protocol):
    """An image whose manifest and config have been read and whose layers can be."""

    image: Image
    streams: int
    """How many layers may be read at once where only `read_layer` can read them."""

    def job(self, layer: Layer) -> LayerJob | None:
        """The layer as a job for another process; None where only `read_layer` can read it."""

    def read_layer(self, layer: Layer) -> Changeset:
        """One pass over the layer's bytes; raises ImageError. May be called from any thread."""

    def open_layer(self, layer: Layer) -> Stored:
        """The layer's blob as stored, once more: from its file, or from the keeper after `read_layer`."""


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """The platforms that a place has an image for.

    ``left_out`` counts what else stands beside them: attestations, second manifests for a platform.
    """

    platforms: tuple[Platform, ...]
    left_out: int = 0


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A place where images live.

    ``id`` is the scheme. ``open(name, access, scan)`` gives the image; layers that can be read
    only while the source is being opened (a pipe) are scanned then.

    A reference without a scheme goes to the source that ``claims`` it (files), else to the first
    engine that ``has`` it, in the order of their ``rank``, else to the first that can fetch it.
    ``has`` raises SourceError where the engine cannot be reached. ``reach()`` says what answers,
    or raises SourceError with a hint what to do. ``images()`` lists what an engine holds,
    ``remove(name)`` makes it forget one of them, by that name. ``platforms(name, access)`` tells which
    platforms it has an image for, where it can have several.
    """

    id: str
    help: str
    open: Callable[[str, Access, ScanOptions], AbstractContextManager[Opened]]
    claims: Callable[[str], bool] = lambda name: False  # noqa: ARG005
    rank: int = 0
    has: Callable[[str, Access], bool] | None = None
    reach: Callable[[], str] | None = None
    images: Callable[[], list[LocalImage]] | None = None
    remove: Callable[[str], None] | None = None
    platforms: Callable[[str, Access], Offered] | None = None


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """How an image is to be put somewhere.

    ``replace`` allows to replace what is there. ``insecure`` and ``notice`` are those of `Access`.
    ``origin`` is the repository that the layers were read from, where it was one. ``progress`` is told of
    what is written, ``next_pass`` before each time that all of it is gone through, with its size.
    ``prove(reading, digests)`` raises WriteError where it is not what was meant: ``reading(scan)`` gives a
    `layerscope.oci.blobs.Blobs` of what was written, or is about to be, ``digests`` are the manifests' of
    its images, None where they have none. It is None itself where nobody asks for it.
    """

    replace: bool = False
    insecure: bool = False
    notice: Callable[[str], None] = lambda line: None  # noqa: ARG005
    origin: ImageName | None = None
    progress: Progress | None = None
    next_pass: Callable[[int], None] = lambda total_bytes: None  # noqa: ARG005
    prove: Callable[[Callable[[ScanOptions], Any], Sequence[Digest | None]], None] | None = None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What was put somewhere.

    ``size_bytes`` is what was written or sent. ``digest`` is that of the manifest, or of the index of several
    platforms; None where there is none. ``notes`` say what is not as it was in the source, and what did not
    have to be sent.
    """

    size_bytes: int
    names: tuple[str, ...]
    digest: Digest | None
    notes: tuple[str, ...] = ()


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A place where images can be put.

    ``id`` is the scheme in front of what ``-o`` names. What has no scheme goes to the target that has one of
    its ``endings``. ``names(place)`` are those that the image gets by being put there, none where it keeps
    its own; raises UsageError.

    ``check(place, placing)`` is asked before anything is read, and raises where nothing may be put there.
    ``put(content, place, placing)`` puts a `layerscope.oci.write.content.Content` there, whole or not at all.
    One that ``streams`` takes a stream for a place too; one that ``reads_again`` goes through all that it
    has written. ``platforms`` is whether it takes an image for several platforms. ``keeps_compression`` is
    whether layers stay there as they are stored, and are not unpacked; an engine is asked, and raises
    SourceError where it does not answer.
    """

    id: str
    help: str
    check: Callable[[str | BinaryIO, Placing], None]
    put: Callable[[Any, str | BinaryIO, Placing], Placed]
    names: Callable[[str], tuple[str, ...]] = lambda place: ()  # noqa: ARG005
    endings: tuple[str, ...] = ()
    streams: bool = False
    reads_again: bool = False
    platforms: bool = False
    keeps_compression: Callable[[], bool] = lambda: False


Profile = Literal["runtime", "dev", "ml"]
"""What an image is for: to run a program, to develop in, to train or serve models."""

EVERY_PROFILE: frozenset[Profile] = frozenset(("runtime", "dev", "ml"))


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could be smaller, or safer, and what to change for it.

    ``detect(evidence)`` gives claims from an `layerscope.advice.evidence.Evidence`. Rules do not walk
    the tree: ``patterns`` (see `layerscope.advice.patterns`) are the paths that they want to be shown,
    ``keep`` the names of files that are left alone below them. A byte that several rules claim is
    credited to the one of the least ``priority``, then of the least id. ``help`` says what it is, what
    it costs and what to do. What needs no facts is a ``WASTE_RULE`` too, told where ``--ci`` fails.
    """

    id: str
    title: str
    family: str
    help: str
    detect: Callable[[Any], Iterable[Claim]]
    priority: Priority
    profiles: frozenset[Profile] = EVERY_PROFILE
    patterns: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a gate says: the measured value and the limit as people read them, and the outcome.

    ``subject`` is what of the image was measured, where a gate can be asked of several things.
    ``warning`` marks a limit to warn at: passing it by fails nothing.
    """

    gate: str
    measured: str
    limit: str
    passed: bool
    because: str = ""
    subject: str = ""
    warning: bool = False

    @property
    def failed(self) -> bool:
        """Whether this is a reason to refuse the image."""
        return not self.passed and not self.warning


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """A limit that CI holds an image to.

    ``id`` is the option's name without dashes in front, ``parse(text)`` reads its value and
    raises ValueError, ``judge(inspection, limit)`` measures. ``example`` is a limit that somebody may want.
    Without a ``metavar`` the option takes no value. What can be ``repeated`` is judged once for each value.
    One that ``needs_facts`` has the probes look into files; without it there are neither suggestions nor
    packages. A gate ``against_baseline`` is given an `layerscope.gates.baseline.Against` for its limit.

    The file is named like the gate, with underscores: most runs load but those that they are asked for.
    """

    id: str
    help: str
    metavar: str
    parse: Callable[[str], Any]
    judge: Callable[[Any, Any], Verdict]
    example: str = ""
    repeated: bool = False
    needs_facts: bool = False
    against_baseline: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A form in which an inspection and its verdicts are written.

    ``--<id> PATH`` asks for it, ``-`` for standard output. Its file is named like it, with underscores.
    """

    id: str
    help: str
    write: Callable[[Any, Sequence[Verdict], BinaryIO], None]
