"""From a name to an opened image, whatever the engine: find, pull where wanted, analyse while it streams."""

from __future__ import annotations

from contextlib import closing
from threading import Timer

import msgspec

from layerscope.engines.engine import Engine, Held, PullOrder
from layerscope.engines.near_names import did_you_mean
from layerscope.errors import ImageNotFound, PlatformNotFound, SourceError
from layerscope.extensions import Access, Opened, Progress, ScanOptions, Stored
from layerscope.model.image import Image
from layerscope.model.platform import Platform
from layerscope.model.reference import may_be_id, parse_image_name
from layerscope.oci.blobs.pipe import PipedBlobs
from layerscope.oci.opened import OpenedBlobs

_SILENCE_S = 3.0
"""Some engines write the whole archive to their disk before its first byte comes: say so."""
_ID_DIGITS = 64


def open_held(engine: Engine, name: str, access: Access, scan: ScanOptions) -> Opened:
    """The image that an engine holds or pulls, its layers read already.

    Raises UsageError, SourceError or ImageError.
    """
    held = _held(engine, name, access, scan.progress)
    where = f"{engine.scheme}:{name}"
    # What comes from an engine is always checked.
    options = msgspec.structs.replace(scan, verify=True)
    if scan.progress is not None and held.export_bytes:
        scan.progress.expect(held.export_bytes)
    waiting = _Waiting(where, held, access)
    try:
        with closing(engine.export(held, access.platform)) as exported:
            blobs = PipedBlobs(_Awaited(exported, waiting), where, options)
    finally:
        waiting.over()
    if not blobs.ended:
        raise SourceError(
            f"{where}: what the engine exports has no end", hint="the engine's own log may say why"
        )
    opened = _opened(blobs, held, access.platform, where)
    opened.image = _as_the_engine_says(opened.image, held)
    return opened


def holds(engine: Engine, name: str, access: Access) -> bool:
    """Whether the image is there, for the platform asked for."""
    check_name(name)
    held = engine.find(name, access.platform)
    return held is not None and _fits(held, access.platform)


def check_name(name: str) -> None:
    """Raise UsageError where a name is neither an image's nor an ID; engines would take it for a path."""
    if not may_be_id(name):
        parse_image_name(name)


def _held(engine: Engine, name: str, access: Access, progress: Progress | None) -> Held:
    check_name(name)
    held = engine.find(name, access.platform)
    fits = held is not None and _fits(held, access.platform)
    wanted = access.pull == "always" or (access.pull == "missing" and not fits)
    if wanted and not _is_id(name, held):
        held = _pulled(engine, name, access, progress)
    elif held is not None and not fits:
        raise PlatformNotFound(
            f"{engine.scheme}:{name}: no image for {access.platform}",
            hint="the engine holds it for " + ", ".join(map(str, held.platforms)),
        )
    if held is None:
        raise ImageNotFound(f"{engine.scheme}:{name}: no such image", hint=_near(engine, name))
    return held


def _pulled(engine: Engine, name: str, access: Access, progress: Progress | None) -> Held | None:
    order = PullOrder(
        name=name,
        platform=access.platform,
        insecure=access.insecure,
        notice=access.notice,
        progress=progress,
    )
    access.notice(f"{engine.scheme}:{name}: pulling")
    try:
        engine.pull(order)
    except ImageNotFound as error:
        raise ImageNotFound(error.message, hint=_near(engine, name) or error.hint) from None
    # Whether it is the right platform now is seen in the archive: engines differ in what they tell.
    return engine.find(name, access.platform)


def _fits(held: Held, platform: Platform | None) -> bool:
    if platform is None or not held.platforms:
        return True
    return any(there.matches(platform) for there in held.platforms)


def _is_id(name: str, held: Held | None) -> bool:
    """Whether a name is an image's ID, which no registry knows."""
    digits = name.removeprefix("sha256:")
    if digits != name or len(digits) == _ID_DIGITS:
        return True
    return held is not None and may_be_id(name) and held.image_id.removeprefix("sha256:").startswith(digits)


def _near(engine: Engine, name: str) -> str | None:
    try:
        return did_you_mean(name, engine.images())
    except SourceError:
        return None


def _opened(blobs: PipedBlobs, held: Held, platform: Platform | None, reference: str) -> OpenedBlobs:
    """The image of that ID; where the archive knows it by no such digest, the only one there is."""
    try:
        return OpenedBlobs(blobs, f"@{held.image_id}", platform, reference)
    except ImageNotFound:
        return OpenedBlobs(blobs, None, platform, reference)


def _as_the_engine_says(image: Image, held: Held) -> Image:
    return msgspec.structs.replace(image, names=held.names or image.names, digest=image.digest or held.digest)


class _Waiting:
    """Says what is being waited for, where the first byte takes long; `over` when it has come."""

    def __init__(self, where: str, held: Held, access: Access) -> None:
        size = f", about {held.export_bytes / 1e9:.1f} GB" if held.export_bytes else ""
        line = f"{where}: waiting for the engine to export the image{size}"
        self._timer = Timer(_SILENCE_S, access.notice, (line,))
        self._timer.daemon = True
        self._timer.start()

    def over(self) -> None:
        """Nothing to say any more."""
        self._timer.cancel()


class _Awaited:
    """A stream whose first byte ends the waiting."""

    def __init__(self, stream: Stored, waiting: _Waiting) -> None:
        self._stream = stream
        self._waiting: _Waiting | None = waiting

    def read(self, count: int = -1, /) -> bytes:
        taken = self._stream.read(count)
        if self._waiting is not None:
            self._waiting.over()
            self._waiting = None
        return taken
