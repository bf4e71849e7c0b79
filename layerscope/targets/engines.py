"""An image into an engine: proven before it goes there, taken in whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from layerscope.errors import AccessDenied, EngineUnreachable, SourceError, UsageError, WriteError
from layerscope.extensions import Placed, Placing, Target
from layerscope.model.digest import Digest
from layerscope.oci.write.content import Content, sha256
from layerscope.targets.files import Files

if TYPE_CHECKING:
    from layerscope.engines.engine import Loader

Connect = Callable[[], "Loader"]
Named = Callable[[str], tuple[str, ...]]


def engine_target(scheme: str, connect: Connect, names: Named, *, description: str) -> Target:
    """The target that is an engine; ``connect`` gives one that answers or raises SourceError."""
    return Target(
        id=scheme,
        help=description,
        check=partial(_check, connect=connect, names=names),
        put=partial(_put, connect=connect),
        names=names,
        keeps_compression=partial(_keeps_blobs, connect=connect),
    )


def _check(place: str | BinaryIO, placing: Placing, *, connect: Connect, names: Named) -> None:
    assert isinstance(place, str), "no stream goes into an engine"
    with closing(connect()) as engine:
        for name in names(place):
            if engine.find(name, None) is not None and not placing.replace:
                raise WriteError(
                    f"{engine.scheme}:{name}: the engine has an image of this name",
                    hint="--force gives the name to the new one",
                )


def _keeps_blobs(*, connect: Connect) -> bool:
    with closing(connect()) as engine:
        return engine.keeps_blobs


def _put(content: Content, place: str | BinaryIO, placing: Placing, *, connect: Connect) -> Placed:
    from layerscope.oci.write.output import archive_blocks
    from layerscope.oci.write.unwritten import UnwrittenBlobs

    if not content.names.tagged:
        raise UsageError("the image has no name to be loaded under", hint="write it behind the colon")
    with closing(connect()) as engine:
        where = f"{engine.scheme}:{content.names.tagged[0].familiar}"
        files = _files(content, keeps_blobs=engine.keeps_blobs)
        if placing.prove is not None:
            placing.next_pass(files.size_bytes)
            placing.prove(partial(UnwrittenBlobs, files.members, where), files.digests)
        placing.next_pass(files.size_bytes)
        with closing(archive_blocks(files.members, hashed=True, progress=placing.progress)) as blocks:
            try:
                engine.load(blocks)
            except (AccessDenied, EngineUnreachable):
                raise
            except SourceError as error:
                raise WriteError(f"{where}: not loaded: {error.message}", hint=error.hint) from None
        _look(engine, content, files.digest)
    return Placed(size_bytes=files.size_bytes, names=files.names, digest=files.digest, notes=files.notes)


def _files(content: Content, *, keeps_blobs: bool) -> Files:
    from layerscope.targets.docker_archive import docker_archive_files
    from layerscope.targets.oci_archive import oci_archive_files

    return oci_archive_files(content) if keeps_blobs else docker_archive_files(content)


def _look(engine: Loader, content: Content, digest: Digest | None) -> None:
    """Whether the engine has the image now, by the ID that it computed itself."""
    expected = {sha256(content.images[0].config), digest}
    for name in content.names.tagged:
        held = engine.find(str(name), None)
        if held is None or held.image_id not in expected:
            has = "no such image" if held is None else f"the image {held.image_id}"
            raise WriteError(f"{engine.scheme}:{name.familiar}: loaded, but the engine has {has}")
