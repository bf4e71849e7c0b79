"""``registry:NAME``: an image in a registry, read from there without any engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from layerscope.extensions import Access, Offered, Opened, ScanOptions, Source


@contextmanager
def open_image(name: str, access: Access, scan: ScanOptions) -> Iterator[Opened]:
    """The image that a name stands for; raises UsageError, SourceError or ImageError."""
    from layerscope.distribution.client import Registry
    from layerscope.distribution.layout import RegistryBlobs
    from layerscope.model.reference import parse_image_name
    from layerscope.oci.opened import OpenedBlobs

    with closing(Registry(parse_image_name(name), access)) as registry:
        yield OpenedBlobs(RegistryBlobs(registry, access.platform, scan), None, access.platform, name)


def platforms(name: str, access: Access) -> Offered:
    """The platforms that a registry has an image for; raises UsageError, SourceError or ImageError."""
    from layerscope.distribution.client import Registry
    from layerscope.distribution.layout import RegistryBlobs
    from layerscope.model.reference import parse_image_name
    from layerscope.oci.platforms import offered

    with closing(Registry(parse_image_name(name), access)) as registry:
        return offered(RegistryBlobs(registry, None, ScanOptions(), every_platform=True), None)


def reach() -> str:
    """What registries are read with: credentials and proxies, as found here; asks nobody."""
    from layerscope.distribution.reach import reach

    return reach()


SOURCE = Source(
    id="registry",
    rank=100,
    help="an image in a registry, read without any engine",
    open=open_image,
    reach=reach,
    platforms=platforms,
)
