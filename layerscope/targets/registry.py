"""``registry:HOST/NAME``: an image into a registry, without any engine; its tag comes last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from layerscope.errors import AccessDenied, SourceError, WriteError
from layerscope.extensions import Access, Placed, Placing, Target
from layerscope.model.people import size
from layerscope.model.reference import ImageName, parse_image_name
from layerscope.oci.write.content import Content, Member
from layerscope.targets.files import name_notes
from layerscope.targets.naming import tagged_name

if TYPE_CHECKING:
    from layerscope.distribution.client import Registry
    from layerscope.distribution.pushing import Push, Tally

_AT_ONCE = 4


def _names(place: str) -> tuple[str, ...]:
    return (tagged_name(place),)


def _check(place: str | BinaryIO, placing: Placing) -> None:
    from contextlib import closing

    from layerscope.distribution.pushing import Push

    name = _name(place)
    with closing(connected(name, placing, None)) as registry:
        push = Push(registry, mount_from=None, progress=None)
        if push.holds(name.tag or "") and not placing.replace:
            raise WriteError(
                f"registry:{name}: the registry has an image of this name",
                hint="--force gives the name to the new one",
            )
        push.check_allowed()


def _name(place: str | BinaryIO) -> ImageName:
    assert isinstance(place, str), "no stream goes into a registry"
    return parse_image_name(tagged_name(place))


def connected(name: ImageName, placing: Placing, mount_from: str | None) -> Registry:
    """A client that may push to a repository, and pull from the one that blobs are mounted from."""
    from layerscope.distribution.client import Registry

    scopes = [f"repository:{name.repository}:pull,push"]
    scopes += [f"repository:{mount_from}:pull"] if mount_from else []
    access = Access(insecure=placing.insecure, notice=placing.notice)
    return Registry(name, access, scopes=scopes)


def _put(content: Content, place: str | BinaryIO, placing: Placing) -> Placed:
    from contextlib import closing

    from layerscope.distribution.pushing import Push
    from layerscope.oci.write.layout import layout
    from layerscope.oci.write.unwritten import UnwrittenBlobs

    name = _name(place)
    made = layout(content, docker_too=True)
    total_bytes = sum(member.size_bytes for member in made.blobs)
    digests = [manifest.digest for manifest in made.manifests[: len(content.images)]]
    if placing.prove is not None:
        placing.next_pass(total_bytes)
        placing.prove(partial(UnwrittenBlobs, made.members, str(name)), digests)
    placing.next_pass(total_bytes)
    mount_from = _lender(name, placing.origin)
    with closing(connected(name, placing, mount_from)) as registry:
        push = Push(registry, mount_from=mount_from, progress=placing.progress)
        with _told_as_unfinished(name):
            _send(push, registry, made.blobs)
            for manifest in made.manifests[:-1]:
                push.manifest(manifest, manifest.digest)
            push.manifest(made.manifests[-1], name.tag or "")  # nobody sees anything of it before this
    notes = [*name_notes(content), _sent(push.tally), *_uncompressed(content)]
    return Placed(
        size_bytes=push.tally.sent_bytes, names=(name.familiar,), digest=made.digest, notes=tuple(notes)
    )


@contextmanager
def _told_as_unfinished(name: ImageName) -> Iterator[None]:
    """Say of a registry that is gone in the middle what that means for the image."""
    try:
        yield
    except AccessDenied:
        raise
    except SourceError as error:
        raise WriteError(
            f"registry:{name}: not pushed: {error.message}",
            hint="another try sends only what is not there yet",
        ) from None


def _lender(name: ImageName, origin: ImageName | None) -> str | None:
    """The repository that has the layers already, where it is another one of the same registry."""
    if origin is None or origin.host != name.host or origin.repository == name.repository:
        return None
    return origin.repository


def _send(push: Push, registry: Registry, blobs: Sequence[Member]) -> None:
    """All blobs, several at once; after any failure nothing else goes on waiting."""
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = [pool.submit(push.blob, member) for member in blobs]
        try:
            done, _ = wait(running, return_when=FIRST_EXCEPTION)
            for one in done:
                one.result()
        except BaseException:
            registry.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _sent(tally: Tally) -> str:
    told = [f"{_count(tally.sent)} sent ({size(tally.sent_bytes)})"]
    told += [f"{_count(tally.there)} there already"] if tally.there else []
    told += [f"{_count(tally.mounted)} mounted from the source's repository"] if tally.mounted else []
    return ", ".join(told)


def _count(blobs: int) -> str:
    return "1 blob" if blobs == 1 else f"{blobs} blobs"


def _uncompressed(content: Content) -> list[str]:
    plain = sum(layer.compression == "none" for image in content.images for layer in image.layers)
    if not plain:
        return []
    layers = "1 layer is" if plain == 1 else f"{plain} layers are"
    return [f"{layers} uncompressed, as in the source; layerscope optimize --recompress gzip changes that"]


TARGET = Target(
    id="registry",
    help="into a registry, without any engine",
    check=_check,
    put=_put,
    names=_names,
    platforms=True,
    keeps_compression=lambda: True,
)
